// The actors whose operations a change refers to: its own comes first, the others are sorted, and none is named in vain.
import type { ByteReader } from './byte-reader.ts';
import { readActor } from './change.ts';
import { malformed } from './malformed.ts';

export class NamedActors {
  /** In hexadecimal digits. */
  readonly #names: readonly string[];
  readonly #isUsed: Uint8Array;

  private constructor(names: readonly string[]) {
    this.#names = names;
    this.#isUsed = new Uint8Array(names.length);
    this.#isUsed[0] = 1;
  }

  static read(reader: ByteReader, own: string): NamedActors {
    const names = [own];
    for (let count = reader.uint(); count > 0; count--) {
      const name = readActor(reader);
      if (name === own || (names.length > 1 && names.at(-1)! >= name))
        throw malformed('its actors are not in order');
      names.push(name);
    }
    return new NamedActors(names);
  }

  /** The name of an actor by its index. Throws `malformed_update` where there is none. */
  use(index: number | undefined): string {
    const name = index === undefined ? undefined : this.#names[index];
    if (name === undefined) throw malformed('an operation refers to an actor that is not named');
    this.#isUsed[index!] = 1;
    return name;
  }

  expectAllUsed(): void {
    if (this.#isUsed.includes(0)) throw malformed('it names an actor for nothing');
  }
}
