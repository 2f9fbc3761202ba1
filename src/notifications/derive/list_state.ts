/** How many elements a list has, for the level that keeps no more. */
export class ListCount {
  size: number;
  counted = 0;

  constructor(size: number) {
    this.size = size;
  }

  get bytes(): number {
    return 32;
  }

  copy(): ListCount {
    return new ListCount(this.size);
  }

  save(): unknown {
    return { c: this.size };
  }
}

const ELEMENT_BYTES = 32;

/** The elements of a list, one character a byte: a deque in an array with room before its first element. */
export class ListValues {
  counted = 0;
  #items: (string | undefined)[] = [];
  #head = 0;
  #characters = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return 64 + this.#items.length * ELEMENT_BYTES + this.#characters;
  }

  at(index: number): string | undefined {
    return this.#items[this.#head + index];
  }

  push(element: string, front: boolean): void {
    this.#characters += element.length;
    if (!front) {
      this.#items.push(element);
      return;
    }
    if (this.#head === 0) {
      // As much room as there are elements: each is moved once on average.
      const room = Math.max(8, this.#items.length);
      const moved = new Array<string | undefined>(room).concat(this.#items);
      this.#items = moved;
      this.#head = room;
    }
    this.#items[--this.#head] = element;
  }

  pop(front: boolean): string | undefined {
    if (this.size === 0) return undefined;
    let element: string | undefined;
    if (front) {
      element = this.#items[this.#head];
      this.#items[this.#head++] = undefined;
      if (this.#head > 64 && this.#head * 2 > this.#items.length) this.#replace(this.values());
    } else {
      element = this.#items.pop();
    }
    this.#characters -= element?.length ?? 0;
    return element;
  }

  set(index: number, element: string): void {
    const at = this.#head + (index < 0 ? this.size + index : index);
    if (at < this.#head || at >= this.#items.length) return;
    this.#characters += element.length - (this.#items[at]?.length ?? 0);
    this.#items[at] = element;
  }

  /** Puts an element beside the first one equal to `pivot`. */
  insert(pivot: string, element: string, before: boolean): void {
    const at = this.#items.indexOf(pivot, this.#head);
    if (at < 0) return;
    this.#items.splice(before ? at : at + 1, 0, element);
    this.#characters += element.length;
  }

  /** Keeps the elements from `start` to before `end`. */
  keep(start: number, end: number): void {
    this.#replace(this.values().slice(start, end));
  }

  /** Takes elements out as LREM does: `count` from the front, from the back when negative, all when 0. */
  remove(count: number, element: string): void {
    const values = this.values();
    let left = count === 0 ? values.length : Math.abs(count);
    if (count >= 0) {
      this.#replace(values.filter((value) => value !== element || left-- <= 0));
    } else {
      values.reverse();
      this.#replace(values.filter((value) => value !== element || left-- <= 0).reverse());
    }
  }

  values(): string[] {
    return this.#items.slice(this.#head) as string[];
  }

  copy(): ListValues {
    return ListValues.of(this.values());
  }

  save(): unknown {
    return { l: this.values() };
  }

  static of(values: readonly string[]): ListValues {
    const list = new ListValues();
    list.#replace([...values]);
    return list;
  }

  #replace(values: string[]): void {
    this.#items = values;
    this.#head = 0;
    this.#characters = values.reduce((sum, value) => sum + value.length, 0);
  }
}
