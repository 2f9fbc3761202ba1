import { latin1 } from "../../bytes/text.ts";

const MEMBER_BYTES = 56;

/** The members of a set themselves, one character a byte. */
export class ExactSet {
  counted = 0;
  readonly members: Set<string>;
  #characters = 0;

  constructor(members: Iterable<string> = []) {
    this.members = new Set();
    for (const member of members) this.addText(member);
  }

  get size(): number {
    return this.members.size;
  }

  get bytes(): number {
    return 200 + this.members.size * MEMBER_BYTES + this.#characters;
  }

  has(member: Uint8Array): boolean {
    return this.members.has(latin1(member));
  }

  add(member: Uint8Array): boolean {
    return this.addText(latin1(member));
  }

  addText(member: string): boolean {
    if (this.members.has(member)) return false;
    this.members.add(member);
    this.#characters += member.length;
    return true;
  }

  delete(member: Uint8Array): boolean {
    const deleted = this.members.delete(latin1(member));
    if (deleted) this.#characters -= member.length;
    return deleted;
  }

  copy(): ExactSet {
    return new ExactSet(this.members);
  }

  save(): unknown {
    return { s: [...this.members] };
  }
}
