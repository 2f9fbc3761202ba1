/** Whether a file that begins with these bytes is an RDB, or an AOF that begins with one. */
export function beginsAsRdb(bytes: Uint8Array): boolean {
  return beginsWith(bytes, "REDIS") || beginsWith(bytes, "VALKEY");
}

function beginsWith(bytes: Uint8Array, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** Whether a file's name says that it is an RDB and nothing more. */
export function isRdbName(path: string): boolean {
  return /\.rdb$/i.test(path);
}
