import { ReplicaError } from "../../errors.ts";
import type { ByteReader } from "../byte_reader.ts";
import { GatheredBytes } from "../gathered_bytes.ts";
import {
  type ModuleId,
  ModuleItemsReading,
  type ModuleParser,
  moduleItems,
  readModuleId,
} from "../modules.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";

/**
 * Reads a module's value. Its framing is self-delimiting, so any module can be passed over; one with a parser is gathered up
 * to the bound and handed to it.
 */
export class ModuleReading implements ValueReading {
  #id: ModuleId | undefined = undefined;
  #parser: ModuleParser | undefined = undefined;
  #gathered: GatheredBytes | undefined = undefined;
  readonly #items = new ModuleItemsReading();

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#id === undefined) {
      const id = readModuleId(r);
      r.commit();
      this.#id = id;
      if (!v.skipping && Object.hasOwn(v.modules, id.name)) {
        this.#parser = v.modules[id.name];
        this.#gathered = new GatheredBytes(v.limits.maxModuleBytes);
        r.tap = this.#gathered;
      }
    }
    this.#items.step(r);
    if (v.skipping) return true;
    r.tap = undefined;
    v.parts.setModule({ ...this.#id, decoded: this.#decode(v) });
    return true;
  }

  #decode(v: ValueContext): unknown {
    const { name, version } = this.#id!;
    if (this.#parser === undefined) return undefined;
    const bytes = this.#gathered!.take();
    if (bytes === undefined) {
      v.warn("LIMIT", `value of module ${name} is above the limit of ${v.limits.maxModuleBytes} bytes`);
      return undefined;
    }
    try {
      return this.#parser(moduleItems(bytes), version);
    } catch (cause) {
      v.warn("MODULE", `the parser of module ${name} threw`, cause);
      return undefined;
    }
  }
}

/** Values of module types from before 4.0 have no framing: nothing after them can be found. */
export class PreGaModuleReading implements ValueReading {
  step(r: ByteReader): boolean {
    const at = r.offset;
    const { name } = readModuleId(r);
    throw new ReplicaError(
      "UNSUPPORTED",
      `Cannot decode value of module ${name} at byte ${at}: its form before 4.0 has no end`,
      { offset: at },
    );
  }
}
