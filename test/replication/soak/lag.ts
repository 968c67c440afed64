// Whether the metrics tell the truth while a replica is cut off: asked for every second, at both sides of the cut, by whoever would read
// them on a dial.
import type { Replica } from '../../support/replica.ts';
import { linkTo, metricsOf, statusOf } from '../../support/scrape.ts';

/** What a dial showed of one link at a time. */
interface Sample {
  readonly atMs: number;
  readonly connected: number;
  readonly pending: number;
  readonly unconfirmedSeconds: number;
  readonly frontierSeconds: number;
}

/** How a dial moved during a cut, from one replica about another. */
export interface Dial {
  readonly of: string;
  readonly about: string;
  readonly samples: number;
  /** From the first to the last. */
  readonly seconds: number;
  /** Seconds a second, from the first to the last. */
  readonly frontierSlope: number;
  readonly unconfirmedSlope: number;
  readonly leastPending: number;
  /** At the end. */
  readonly connected: number;
  /** Whether any sample showed less than the one before. */
  readonly hasShrunk: boolean;
}

const everyMs = 1_000;
/** What was on its way when the link was cut comes, and what is typed then is the first that is owed. */
const settleMs = 2_000;

export class LagWatch {
  readonly #pairs: readonly (readonly [Replica, Replica])[];
  readonly #samples = new Map<string, Sample[]>();
  readonly #timer: NodeJS.Timeout;
  readonly #beganMs = performance.now();
  #scraping: Promise<void> = Promise.resolve();

  /** Watches a replica that has just been cut off, and what the others say of it. */
  constructor(alone: Replica, others: readonly Replica[]) {
    this.#pairs = others.flatMap((other) => [[alone, other] as const, [other, alone] as const]);
    this.#timer = setInterval(() => {
      this.#scraping = this.#scraping.then(() => this.#scrape());
    }, everyMs);
  }

  async end(): Promise<Dial[]> {
    clearInterval(this.#timer);
    await this.#scraping;
    return this.#pairs.map(([of, about]) => dialOf(of, about, this.#samples.get(keyOf(of, about)) ?? []));
  }

  async #scrape(): Promise<void> {
    if (performance.now() - this.#beganMs < settleMs) return;
    await Promise.all(
      this.#pairs.map(async ([of, about]) => {
        const samples = this.#samples.get(keyOf(of, about)) ?? [];
        samples.push(await sample(of, about));
        this.#samples.set(keyOf(of, about), samples);
      }),
    );
  }
}

async function sample(of: Replica, about: Replica): Promise<Sample> {
  const { url, name } = linkTo(await statusOf(of.server), about.name);
  const metrics = await metricsOf(of.server);
  const atMs = performance.now();
  const label = url === undefined ? name! : new URL(url).host;
  const read = (metric: string, key = 'peer'): number => {
    const value = metrics.get(`${metric}{${key}="${label}"}`);
    if (value === undefined) throw new Error(`${of.name} has no ${metric} of ${label}`);
    return value;
  };
  return {
    atMs,
    connected: read('peer_connected'),
    pending: read('peer_pending_docs'),
    unconfirmedSeconds: read('peer_unconfirmed_age_seconds'),
    frontierSeconds: read('frontier_age_seconds', 'origin'),
  };
}

function dialOf(of: Replica, about: Replica, samples: readonly Sample[]): Dial {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const slope = (key: 'frontierSeconds' | 'unconfirmedSeconds'): number =>
    ((last[key] - first[key]) * 1_000) / (last.atMs - first.atMs);
  return {
    of: of.name,
    about: about.name,
    samples: samples.length,
    seconds: (last.atMs - first.atMs) / 1_000,
    frontierSlope: slope('frontierSeconds'),
    unconfirmedSlope: slope('unconfirmedSeconds'),
    leastPending: Math.min(...samples.map(({ pending }) => pending)),
    connected: last.connected,
    hasShrunk: samples.some(
      (each, at) =>
        at > 0 &&
        (each.frontierSeconds < samples[at - 1]!.frontierSeconds ||
          each.unconfirmedSeconds < samples[at - 1]!.unconfirmedSeconds),
    ),
  };
}

/** What another one had heard a moment later, before the cut, may come in between; and an interval is not exact. */
const maxOffSeconds = 2;

/** Undefined for a dial that told the truth. */
export function whatIsWrong(dial: Dial): string | undefined {
  const isOff = (slope: number): boolean => Math.abs(slope - 1) * dial.seconds > maxOffSeconds;
  if (dial.samples < 5) return 'it was not asked often enough';
  if (isOff(dial.frontierSlope)) return `its frontier grew by ${dial.frontierSlope.toFixed(2)} s a second`;
  if (isOff(dial.unconfirmedSlope))
    return `what is unconfirmed grew by ${dial.unconfirmedSlope.toFixed(2)} s a second`;
  if (dial.hasShrunk) return 'it went back';
  if (dial.leastPending === 0) return 'nothing was pending';
  return dial.connected === 0 ? undefined : 'it said that it was connected';
}

function keyOf(of: Replica, about: Replica): string {
  return `${of.name} ${about.name}`;
}
