/**
 * Reads the reply to `HELLO 2` line by line: a flat array of names and values, whose strings hold no line ends. Only what
 * this project asks for is kept. (The replication handshake is a conversation of lines; a decoder of whole values would
 * take bytes beyond it.)
 */
export class HelloReply {
  /** `redis` or `valkey`. */
  name: string | undefined = undefined;
  version: string | undefined = undefined;
  /** `standalone`, `cluster` or `sentinel`. */
  mode: string | undefined = undefined;
  #remaining = 1;
  #inString = false;
  #field: string | undefined = undefined;
  #isValue = false;

  /** Whether the next line is a string, which may be empty. */
  get inString(): boolean {
    return this.#inString;
  }

  /** Takes the next line; `true` when the reply is complete. */
  take(line: string): boolean {
    if (this.#inString) {
      this.#inString = false;
      this.#element(line);
    } else if (line.startsWith("$") && line !== "$-1") {
      this.#inString = true;
      return false;
    } else if (line.startsWith("*")) {
      this.#remaining += Math.max(0, Number(line.slice(1)) || 0);
      // The outer array is no element of itself.
      if (this.#field !== undefined) this.#element(line);
      else this.#remaining--;
    } else {
      this.#element(line);
    }
    return this.#remaining <= 0;
  }

  #element(text: string): void {
    this.#remaining--;
    if (this.#isValue) {
      // The first wins: the list of modules, which comes last, has fields of its own.
      if (this.#field === "server") this.name ??= text;
      else if (this.#field === "version") this.version ??= text;
      else if (this.#field === "mode") this.mode ??= text;
    } else {
      this.#field = text;
    }
    this.#isValue = !this.#isValue;
  }
}
