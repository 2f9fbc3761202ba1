/** CRC-16/XMODEM (polynomial 0x1021, start 0), the checksum behind cluster slots. */
let table: Uint16Array | undefined;

function makeTable(): Uint16Array {
  const entries = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    entries[byte] = crc;
  }
  return entries;
}

/** Computes the CRC-16/XMODEM of a range of bytes: `123456789` gives 0x31c3. */
export function crc16(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const entries = (table ??= makeTable());
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ entries[((crc >> 8) ^ bytes[i]!) & 0xff]!;
  return crc;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Computes the cluster slot of a key, 0 to 16383. Only what stands between the first `{` and the next `}` counts, when that
 * is not empty: keys with the same hash tag share a slot (cluster specification, "Hash tags").
 */
export function keySlot(key: Uint8Array): number {
  const open = key.indexOf(OPEN);
  if (open !== -1) {
    const close = key.indexOf(CLOSE, open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) & 16383;
  }
  return crc16(key) & 16383;
}
