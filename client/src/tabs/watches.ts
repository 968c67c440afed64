// Sees when other tabs are gone, however they went: each holds a lock as long as it is there, and whoever is granted that lock knows.
import { lockOfTab } from './lock-of-tab.ts';
import type { TabSurroundings } from './surroundings.ts';

export class Watches {
  readonly #surroundings: TabSurroundings;
  readonly #scope: string;
  readonly #gone: (tab: string) => void;
  /** By tab, what takes the request back; undefined while this tab does not take part. */
  readonly #watched = new Map<string, (() => void) | undefined>();
  #isPaused = true;

  constructor(surroundings: TabSurroundings, scope: string, gone: (tab: string) => void) {
    this.#surroundings = surroundings;
    this.#scope = scope;
    this.#gone = gone;
  }

  /** Says once when the tab is gone, at once if it is. */
  add(tab: string): void {
    if (this.#watched.has(tab)) return;
    this.#watched.set(tab, undefined);
    if (!this.#isPaused) this.#request(tab);
  }

  pause(): void {
    this.#isPaused = true;
    for (const [tab, release] of this.#watched) {
      release?.();
      this.#watched.set(tab, undefined);
    }
  }

  resume(): void {
    this.#isPaused = false;
    for (const tab of this.#watched.keys()) this.#request(tab);
  }

  #request(tab: string): void {
    let release = (): void => {};
    release = this.#surroundings.lock(lockOfTab(this.#scope, tab), {
      granted: () => {
        this.#watched.delete(tab);
        release();
        this.#gone(tab);
      },
      // It is back already.
      lost: () => this.#request(tab),
      // Where there are no locks this tab is alone, and has been told so.
      failed: () => {},
    });
    this.#watched.set(tab, release);
  }
}
