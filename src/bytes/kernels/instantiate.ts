import { type WasmMemory, webAssembly } from "../host.ts";
import { fromBase64 } from "../text.ts";

/** What a kernel exports: its memory, places in it, functions. */
export type KernelExports = { readonly memory: WasmMemory } & Readonly<
  Record<string, WasmMemory | { readonly value: number } | ((...args: number[]) => number)>
>;

/**
 * Compiles and starts a kernel, `undefined` where the host has no WebAssembly, lacks its vector instructions or forbids it.
 * `imports`: by module and name. Synchronous, since a decoder cannot wait: the kernels are of 0.6 to 1 KB, once per process. The
 * first takes 0.6 to 2 ms in Node and 1 to 7 ms in Bun and Deno (which start their compilers with it), a further one 0.2 to 1 ms.
 */
export function instantiateKernel(binary: string, imports: object = {}): KernelExports | undefined {
  const host = webAssembly();
  if (host === undefined) return undefined;
  try {
    return new host.Instance(new host.Module(fromBase64(binary)), imports).exports as KernelExports;
  } catch {
    return undefined;
  }
}
