/** Whether a file that begins with these bytes is an RDB, or an AOF that begins with one. */
export function beginsAsRdb(bytes: Uint8Array): boolean {
  return beginsWith(bytes, "REDIS") || beginsWith(bytes, "VALKEY");
}

function beginsWith(bytes: Uint8Array, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  return true;
}
