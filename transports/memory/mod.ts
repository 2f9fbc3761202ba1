/**
 * Connections without a network, for tests and for feeding a replica link by hand.
 *
 * @module
 */
export { type MemoryPairOptions, type MemoryTransport, memoryConnect, memoryPair } from "./pair.ts";
