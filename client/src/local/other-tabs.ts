// What other tabs have typed in a document: taken in as they tell it, and sent for them when they are gone.
import type { SyncedContent } from '../sync/synced-content.ts';
import type { LocalDocument } from './local-document.ts';
import type { TabEdit } from './tabs.ts';

interface Parts {
  readonly engine: string;
  readonly synced: SyncedContent;
  /** As the document is kept on this device, if it is. */
  readonly local: LocalDocument | undefined;
}

export class OtherTabs {
  readonly #parts: Parts;
  /** Those of which something is in the document. */
  readonly #authors = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Gives whether it was taken in: what is of another incarnation comes from the server, or not at all. */
  async heard(tab: string, { engine, incarnation, updates }: TabEdit): Promise<boolean> {
    const { synced, local } = this.#parts;
    if (engine !== this.#parts.engine) return false;
    this.#authors.add(tab);
    // What it was typed into, and of which incarnation that is, may be on its way from the device.
    if (local?.status.state === 'loading') await local.load();
    await synced.met();
    // Where no server has said yet of which one this is, the next one judges all that is here.
    if (incarnation !== 0 && synced.incarnation !== 0 && incarnation !== synced.incarnation) return false;
    synced.takeIn(updates);
    return true;
  }

  /** A tab is gone, and may not have sent what it typed. Gives whether something of it is in the document. */
  left(tab: string): boolean {
    const { synced, local } = this.#parts;
    if (!this.#authors.delete(tab)) return false;
    synced.inherit();
    local?.inherit();
    return true;
  }
}
