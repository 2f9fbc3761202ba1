/** Size of one slab, and the largest piece that is cut from it; larger pieces get memory of their own. */
const SLAB_SIZE = 1 << 16;
const LARGEST_PIECE = SLAB_SIZE >> 2;

/** The slab in use, and the memory it is. */
export let slab: Uint8Array = new Uint8Array(0);
export let slabMemory: ArrayBufferLike = slab.buffer;
let used = 0;

/**
 * Memory that was set aside: `buf[start, …)`, which is the same place in `memory`: asking an array for its buffer costs more
 * than making a view. Overwritten by the next {@link setAside}, so take all at once.
 */
export const piece: { buf: Uint8Array; memory: ArrayBufferLike; start: number } = {
  buf: slab,
  memory: slab.buffer,
  start: 0,
};

/**
 * Sets `length` bytes aside, in {@link piece}. Small pieces share a slab: allocating an array for each would cost more than
 * filling it. Pieces never overlap and are written by their taker only.
 */
export function setAside(length: number): void {
  if (length > LARGEST_PIECE) {
    piece.buf = new Uint8Array(length);
    piece.memory = piece.buf.buffer;
    piece.start = 0;
    return;
  }
  piece.start = takeSmall(length);
  piece.buf = slab;
  piece.memory = slabMemory;
}

/** Sets a few bytes aside in {@link slab}, from the index returned. */
export function takeSmall(length: number): number {
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    slabMemory = slab.buffer;
    used = 0;
  }
  const start = used;
  used = start + length;
  return start;
}
