/** Size of one slab, and the largest piece that is cut from it; larger pieces get memory of their own. */
const SLAB_SIZE = 1 << 16;
const LARGEST_PIECE = SLAB_SIZE >> 2;

let slab: Uint8Array = new Uint8Array(0);
let used = 0;

/** Memory that was set aside: `buf[start, …)`. Overwritten by the next {@link setAside}, so take both at once. */
export const piece: { buf: Uint8Array; start: number } = { buf: slab, start: 0 };

/**
 * Sets `length` bytes aside, in {@link piece}. Small pieces share a slab: allocating an array for each would cost more than
 * filling it. Pieces never overlap and are written by their taker only.
 */
export function setAside(length: number): void {
  if (length > LARGEST_PIECE) {
    piece.buf = new Uint8Array(length);
    piece.start = 0;
    return;
  }
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    used = 0;
  }
  piece.buf = slab;
  piece.start = used;
  used += length;
}
