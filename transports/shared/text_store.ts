/** A file that holds one text and is replaced as a whole: after a crash it is the old text or the new one. */
export interface TextStore {
  /** The text saved last; `undefined` when there is no such file. */
  load(): Promise<string | undefined>;
  /** Resolves when the text would survive a power cut. Saves follow one another. */
  save(text: string): Promise<void>;
}

/** Runs saves one after the other: each replaces the same file. */
export function inTurn(save: (text: string) => Promise<void>): (text: string) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (text) => {
    const saved = last.then(() => save(text));
    last = saved.catch(() => {});
    return saved;
  };
}

/** The folder part of a path, as far as both kinds of separators go. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  if (end < 0) return ".";
  return end === 0 ? path.slice(0, 1) : path.slice(0, end);
}
