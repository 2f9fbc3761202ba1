import type { ByteReader } from "../byte_reader.ts";
import type { ValueForm } from "../opcodes.ts";
import type { ValueReading } from "../value_reading.ts";
import { ARRAY_ELEMENTS, readInsertIndex } from "./array.ts";
import { EXPIRING_FIELDS, VALKEY_EXPIRING_FIELDS } from "./expiring_fields.ts";
import { ModuleReading, PreGaModuleReading } from "./module.ts";
import { listpackOf, PackedReading, QuicklistReading, ziplistOf } from "./packed.ts";
import { addIntset, walkIntset } from "./packed_intset.ts";
import { addZipmap, walkZipmap } from "./packed_zipmap.ts";
import { SequenceReading } from "./sequence.ts";
import { FIELDS, ITEMS, SCORED, TEXT_SCORED } from "./sequence_forms.ts";
import { StreamReading } from "./stream.ts";
import { StringReading } from "./string.ts";
import { TemplateHashReading } from "./template_hash.ts";

const INTSET = { add: addIntset, walk: walkIntset };
const ZIPMAP = { add: addZipmap, walk: walkZipmap };
const ZIPLIST_ITEMS = ziplistOf("items");
const ZIPLIST_SCORES = ziplistOf("scores");
const ZIPLIST_FIELDS = ziplistOf("fields");
const LISTPACK_ITEMS = listpackOf("items");
const LISTPACK_SCORES = listpackOf("scores");
const LISTPACK_FIELDS = listpackOf("fields");
const LISTPACK_EXPIRING_FIELDS = listpackOf("expiringFields");

/** What reads each form of value. A form without a row cannot be read or skipped. */
const READERS: Readonly<Partial<Record<ValueForm, () => ValueReading>>> = {
  string: () => new StringReading(),
  list: () => new SequenceReading(ITEMS),
  set: () => new SequenceReading(ITEMS),
  "zset-text": () => new SequenceReading(TEXT_SCORED),
  "zset-binary": () => new SequenceReading(SCORED),
  hash: () => new SequenceReading(FIELDS),
  "module-pre-ga": () => new PreGaModuleReading(),
  module: () => new ModuleReading(),
  "hash-zipmap": () => new PackedReading(ZIPMAP),
  "list-ziplist": () => new PackedReading(ZIPLIST_ITEMS),
  "set-intset": () => new PackedReading(INTSET),
  "zset-ziplist": () => new PackedReading(ZIPLIST_SCORES),
  "hash-ziplist": () => new PackedReading(ZIPLIST_FIELDS),
  "list-quicklist": () => new QuicklistReading({ plainNodes: false, form: ZIPLIST_ITEMS }),
  "hash-listpack": () => new PackedReading(LISTPACK_FIELDS),
  "zset-listpack": () => new PackedReading(LISTPACK_SCORES),
  "list-quicklist2": () => new QuicklistReading({ plainNodes: true, form: LISTPACK_ITEMS }),
  "set-listpack": () => new PackedReading(LISTPACK_ITEMS),
  "hash-ttl-pre-ga": () => new SequenceReading(EXPIRING_FIELDS, { before: () => 0 }),
  "hash-listpack-ttl-pre-ga": () => new PackedReading(LISTPACK_EXPIRING_FIELDS),
  // A field's TTL counts from the smallest one, 1 standing for that itself.
  "hash-ttl": () => new SequenceReading(EXPIRING_FIELDS, { before: (r) => r.i64le() - 1 }),
  "hash-listpack-ttl": () => new PackedReading(LISTPACK_EXPIRING_FIELDS, skipMinimum),
  "hash-ttl-valkey": () => new SequenceReading(VALKEY_EXPIRING_FIELDS),
  "stream-1": () => new StreamReading({ form: 1 }),
  "stream-2": () => new StreamReading({ form: 2 }),
  "stream-3": () => new StreamReading({ form: 3 }),
  "stream-4": () => new StreamReading({ form: 4 }),
  "stream-5": () => new StreamReading({ form: 5 }),
  array: () => new SequenceReading(ARRAY_ELEMENTS, { after: readInsertIndex }),
  "hash-template-listpack": () => new TemplateHashReading({ inline: true, packed: true }),
  "hash-template-listpack-ref": () => new TemplateHashReading({ inline: false, packed: true }),
  "hash-template": () => new TemplateHashReading({ inline: true, packed: false }),
  "hash-template-ref": () => new TemplateHashReading({ inline: false, packed: false }),
};

/** The same for a quick look: an object with so many keys is slow to index by a variable. */
const BY_FORM: ReadonlyMap<string, () => ValueReading> = new Map(Object.entries(READERS));

/** Begins to read a value; `undefined`: there is no reader for this form. */
export function startValue(form: ValueForm): ValueReading | undefined {
  return BY_FORM.get(form)?.();
}

/** The smallest TTL stands before the listpack as a hint that may be stale; the fields say their own. */
function skipMinimum(r: ByteReader): void {
  r.i64le();
}
