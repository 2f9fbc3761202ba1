/**
 * RESP2 and RESP3: a push decoder for any value, an encoder for commands and values.
 *
 * @module
 */
export { CommandScanner, type CommandScannerOptions } from "./command_scanner.ts";
export type { CommandSink } from "./command_sink.ts";
export { RespDecoder } from "./decoder.ts";
export type { RespDecoderOptions } from "./decoder_options.ts";
export { type CommandArgument, encodeCommand, encodeValue } from "./encoder.ts";
export type { RespLimits } from "./limits.ts";
export { RequestDecoder, type RequestDecoderOptions } from "./request_decoder.ts";
export { splitWords } from "./split_words.ts";
export * from "./value.ts";
