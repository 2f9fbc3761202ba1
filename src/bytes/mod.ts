/** Functions over byte arrays with the names and semantics of `@std/bytes`, and what the decoders share. */
export { concat } from "./concat.ts";
export { copy } from "./copy.ts";
export { crc16, keySlot } from "./crc16.ts";
export { Crc64, crc64Hex } from "./crc64.ts";
export { endsWith } from "./ends_with.ts";
export { equals } from "./equals.ts";
export { compileGlob, type GlobMatcher } from "./glob.ts";
export { includesNeedle } from "./includes_needle.ts";
export { indexOfNeedle } from "./index_of_needle.ts";
export {
  decimalLength,
  formatDecimal,
  int64DecimalLength,
  parseInteger,
  readInt64,
  readUint32,
  readUint64,
  writeDecimal,
  writeInt64Decimal,
} from "./integer.ts";
export { lastIndexOfNeedle } from "./last_index_of_needle.ts";
export { LZF_MAX_RATIO, lzfCheck, lzfDecompress } from "./lzf.ts";
export { LzfStream, type LzfStreamOptions } from "./lzf_stream.ts";
export { repeat } from "./repeat.ts";
export { startsWith } from "./starts_with.ts";
export { base64, encodeUtf8, fromBase64, isUtf8, latin1, utf8 } from "./text.ts";
