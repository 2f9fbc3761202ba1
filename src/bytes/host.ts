/**
 * The few objects of the host that the core needs, typed here by the part that is used and looked up on first use. Nothing
 * else in `src/` reaches for a global beyond the language itself.
 */

export interface TextDecoderLike {
  decode(input: Uint8Array): string;
}

export interface TextEncoderLike {
  encode(input: string): Uint8Array;
}

/** An instance's exports by name; whoever embeds a module knows what they are. */
export interface WasmInstance {
  readonly exports: unknown;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => WasmInstance;
}

interface HostGlobals {
  readonly TextDecoder?: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => TextDecoderLike;
  readonly TextEncoder?: new () => TextEncoderLike;
  readonly WebAssembly?: WebAssemblyLike;
}

const globals: HostGlobals = globalThis as HostGlobals;

let decoder: TextDecoderLike | undefined;
let encoder: TextEncoderLike | undefined;

/** The shared UTF-8 decoder: invalid bytes become U+FFFD, a byte order mark is kept as the character it is. */
export function textDecoder(): TextDecoderLike {
  if (decoder !== undefined) return decoder;
  if (globals.TextDecoder === undefined)
    throw new TypeError("Cannot decode text: this host has no TextDecoder");
  decoder = new globals.TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  return decoder;
}

/** The shared UTF-8 encoder. */
export function textEncoder(): TextEncoderLike {
  if (encoder !== undefined) return encoder;
  if (globals.TextEncoder === undefined)
    throw new TypeError("Cannot encode text: this host has no TextEncoder");
  encoder = new globals.TextEncoder();
  return encoder;
}

/** The host's WebAssembly, `undefined` where there is none (or a policy took it away): plain TypeScript serves then. */
export function webAssembly(): WebAssemblyLike | undefined {
  return globals.WebAssembly;
}
