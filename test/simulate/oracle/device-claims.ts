// O16: what a device is said to keep of a document is there, at once and whenever the document is opened again on it.
import type { Device } from '../world/device.ts';
import { type Clocks, readUpdate, type Said } from './clocks.ts';
import { clocksOf } from './document-clocks.ts';
import { expectThat } from './violation.ts';

interface Keeping {
  readonly name: string;
  readonly owner: string;
  readonly device: Device;
}

export class DeviceClaims {
  readonly #keeping: Keeping;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** What was promised of it so far. */
  get promised(): readonly Said[] {
    return [...this.#promises];
  }

  /** It is said to be kept. Throws a Violation. */
  kept(wanted: Said): void {
    const { device, name } = this.#keeping;
    this.#promises.push(wanted);
    const updates = device.kept(name)?.updates ?? [];
    this.#expectHeld(this.#promises, clocksOf(updates.map(readUpdate)), 'on the device');
  }

  /** It has been opened again, with this in it. Throws a Violation. */
  reopened(promised: readonly Said[], here: Said): void {
    this.#expectHeld(promised, clocksOf([here]), 'when it is opened again');
  }

  /** Those of all its lives on the device. */
  get #promises(): Said[] {
    return this.#keeping.device.promised(this.#keeping.name);
  }

  #expectHeld(promised: readonly Said[], held: Clocks, where: string): void {
    const { name, owner } = this.#keeping;
    for (const { structs } of promised) {
      const lacking = held.structs.missing(structs);
      expectThat(
        lacking === undefined,
        () => `O16: ${lacking!.join(':')} in ${name} of ${owner} was kept and is not there ${where}`,
      );
    }
  }
}
