// The sentence in the page. It is read out when its sense changes, and not with each new time in it.
import { element } from '../parts/page.ts';
import { verifiedAtMs } from './agreement.ts';
import { type Headline, headlineOf, type Memory } from './headline.ts';
import type { Snapshot } from './snapshot.ts';

/** What lasts shorter is read out to nobody. */
const restMs = 1_000;

export class HeadlineView {
  readonly #section = element('#headline', HTMLElement);
  readonly #sentence = element('#sentence', HTMLElement);
  readonly #why = element('#why', HTMLElement);
  readonly #announced = element('#announced', HTMLElement);
  #memory: Memory = { verifiedMs: undefined, apartMs: undefined };
  #mood: Headline['mood'] = 'unknown';
  #wasApart = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** Gives whether they have come to agree again, after some of them could not. */
  show(snapshot: Snapshot): boolean {
    const verified = verifiedAtMs(snapshot.replicas);
    const nowMs = Date.now();
    // What was heard once stays true.
    const verifiedMs =
      verified === undefined ? this.#memory.verifiedMs : Math.max(verified, this.#memory.verifiedMs ?? 0);
    this.#memory = { ...this.#memory, verifiedMs };
    const headline = headlineOf(snapshot, this.#memory, nowMs);
    this.#say(headline);
    if (headline.mood === 'apart') {
      this.#memory = { verifiedMs, apartMs: nowMs };
      this.#wasApart = true;
    }
    const isMoment = headline.mood === 'equal' && this.#wasApart;
    if (isMoment) this.#wasApart = false;
    return isMoment;
  }

  /** There is nobody any more who would say how things stand. */
  stopped(): void {
    this.#say({
      mood: 'unknown',
      text: 'The replicas were stopped',
      why: 'Start them again with npm run demo:cluster, and this page goes on.',
    });
  }

  #say({ mood, text, why }: Headline): void {
    this.#section.dataset['mood'] = mood;
    this.#sentence.textContent = text;
    this.#why.textContent = why;
    if (mood === this.#mood) return;
    this.#mood = mood;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => (this.#announced.textContent = `${text}. ${why}`), restMs);
  }
}
