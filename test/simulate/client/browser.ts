// A browser with several tabs of one origin on one device: opens and closes them, lets them crash, hang and be set aside, and loses its
// network.
import type { SeededRandom } from '../../support/random.ts';
import type { Trace } from '../world/trace.ts';
import type { NativeClient } from './native-client.ts';

/** From shorter than it takes to find a leader frozen to longer than it takes to find a connection silent. */
const frozenMs = [300, 3_000, 12_000, 45_000] as const;
const maxOfflineMs = 10_000;

export class Browser {
  readonly #tabs: readonly NativeClient[];
  readonly #random: SeededRandom;
  readonly #trace: Trace;

  constructor(tabs: readonly NativeClient[], { random, trace }: { random: SeededRandom; trace: Trace }) {
    this.#tabs = tabs;
    this.#random = random;
    this.#trace = trace;
  }

  act(): void {
    const random = this.#random;
    const tab = random.pick(this.#tabs);
    if (tab.isGone) return tab.startAnew();
    const kind = random.below(12);
    if (kind < 3) this.#close(tab);
    else if (kind < 5) tab.startAnew();
    else if (kind < 11) tab.freeze(random.below(random.pick(frozenMs)), { isSetAside: kind > 8 });
    else {
      const forMs = random.below(maxOfflineMs);
      for (const each of this.#tabs) each.goOffline(forMs);
    }
  }

  /** One tab at least is there. */
  heal(): void {
    for (const tab of this.#tabs) if (tab.isGone && this.#random.oneIn(2)) tab.startAnew();
    if (this.#tabs.every(({ isGone }) => isGone)) this.#tabs[0]!.startAnew();
  }

  /** No page has a say when it is closed, or ends by itself. */
  #close(tab: NativeClient): void {
    this.#trace.note(`${tab.name} is closed`);
    tab.vanish();
  }
}
