/** Takes what a {@link CommandScanner} finds. */
export interface CommandSink {
  /**
   * The frames that follow lie in `bytes`, and the byte at index 0 of it has the offset `base`. Called ahead of the first
   * frame of a chunk, of a frame that spans chunks (gathered in memory of its own), and after bytes that do not count.
   */
  onSource(bytes: Uint8Array, base: number): void;
  /** A whole command: indices of its `*`, after its last LF, and of the name; `argc` is at least 1. */
  onCommand(start: number, end: number, argc: number, nameStart: number, nameEnd: number): void;
  /** A bare LF between commands; only where `allowKeepAlive` is set. */
  readonly onKeepAlive?: (() => void) | undefined;
  /** A line that began with `#`, that byte and its end left out; only where `allowAnnotations` is set. */
  readonly onAnnotation?: ((bytes: Uint8Array, start: number, end: number) => void) | undefined;
}
