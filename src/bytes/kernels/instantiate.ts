import { type WasmMemory, webAssembly } from "../host.ts";
import { fromBase64 } from "../text.ts";

/** What a kernel exports: its memory, places in it, functions. */
export type KernelExports = { readonly memory: WasmMemory } & Readonly<
  Record<string, WasmMemory | { readonly value: number } | ((...args: number[]) => number)>
>;

/**
 * Compiles and starts a kernel, `undefined` where the host has no WebAssembly, lacks its vector instructions or forbids it.
 * `imports`: by module and name. Synchronous, since a decoder cannot wait: the kernels are of 0.5 to 1 KB and take 0.2 to 3 ms each, once per process.
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
