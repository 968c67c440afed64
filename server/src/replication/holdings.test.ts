import { describe, expect, it } from 'vitest';
import type { Clock } from '../port/clock.ts';
import { Holdings } from './holdings.ts';
import type { ReplicaReport } from './messages.ts';
import { hexOf } from './replica-id.ts';

const [here, there, beyond] = [1, 2, 3].map((digit) => new Uint8Array(16).fill(digit)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [early, late] = [8, 9].map((digit) => new Uint8Array(8).fill(digit)) as [Uint8Array, Uint8Array];
const root = new Uint8Array(20).fill(5);

class Hours implements Clock {
  #nowMs = 1_000_000;
  now(): number {
    return this.#nowMs;
  }
  pass(milliseconds: number): void {
    this.#nowMs += milliseconds;
  }
  after(): never {
    throw new Error('holdings wait for nothing');
  }
  every(): never {
    throw new Error('holdings wait for nothing');
  }
}

function begun(forgotten: ReadonlySet<string> = new Set()) {
  const clock = new Hours();
  const heardBy: string[] = [];
  const holdings = new Holdings({
    clock,
    replica: here,
    name: 'here',
    forgotten,
    isOwnEpoch: (epoch) => hexOf(epoch) === hexOf(early),
    onCopy: (name) => heardBy.push(name),
  });
  return { clock, holdings, heardBy };
}

function report(replica: Uint8Array, part: Partial<ReplicaReport> = {}): ReplicaReport {
  return { replica, name: 'there', ageMs: 0, root, holdings: [], ...part };
}

describe('what is held', () => {
  it('[REP3] ages while nothing is heard, and is as old as it was where it came from', () => {
    const { clock, holdings } = begun();
    holdings.hold({ origin: there, epoch: early, sequence: 7, ageMs: 300 });
    clock.pass(10_000);
    const held = holdings.get(hexOf(here), hexOf(there))!;
    expect(clock.now() - held.atMs).toBe(10_300);
    expect(holdings.reports()[0]!.holdings).toEqual([
      { origin: there, epoch: early, sequence: 7, ageMs: 10_300 },
    ]);
  });

  it('[REP3] is never less for a report that was overtaken, and is of the later epoch', () => {
    const { clock, holdings } = begun();
    const held = (): unknown => {
      const { epoch, sequence } = holdings.get(hexOf(here), hexOf(there))!;
      return [epoch, sequence];
    };
    holdings.hold({ origin: there, epoch: early, sequence: 7, ageMs: 0 });
    holdings.hold({ origin: there, epoch: early, sequence: 5, ageMs: 0 });
    expect(held()).toEqual([early, 7]);
    clock.pass(100);
    holdings.hold({ origin: there, epoch: late, sequence: 3, ageMs: 500 });
    expect(held()).toEqual([early, 7]);
    holdings.hold({ origin: there, epoch: late, sequence: 3, ageMs: 0 });
    expect(held()).toEqual([late, 3]);
  });

  it('[REP2] of this replica by others is counted where its epoch is still in the lineage', () => {
    const { holdings } = begun();
    holdings.acked(hexOf(there), early, 7);
    holdings.report(
      [report(beyond, { holdings: [{ origin: here, epoch: late, sequence: 9, ageMs: 0 }] })],
      0,
    );
    expect(holdings.holders(7, () => true)).toEqual([hexOf(there), hexOf(beyond)]);
    expect(holdings.holders(8, () => true)).toEqual([hexOf(beyond)]);
    expect(holdings.holders(7, (epoch) => epoch === early)).toEqual([hexOf(there)]);
  });

  it('[REP3] may be less than before where its holder says so, and is not by what was said earlier', () => {
    const { clock, holdings } = begun();
    const holding = { origin: there, epoch: early, ageMs: 0 };
    holdings.report([report(beyond, { holdings: [{ ...holding, sequence: 9 }] })], 0);
    clock.pass(50);
    holdings.report([report(beyond, { ageMs: 100, holdings: [{ ...holding, sequence: 3 }] })], 0);
    expect(holdings.get(hexOf(beyond), hexOf(there))!.sequence).toBe(9);
    holdings.report([report(beyond, { holdings: [{ ...holding, sequence: 3 }] })], 0);
    expect(holdings.get(hexOf(beyond), hexOf(there))!.sequence).toBe(3);
  });

  it('[REP3] is told to whoever listens when it is more or less, and not when it is only older', () => {
    const { clock, holdings } = begun();
    let told = 0;
    const end = holdings.listen(() => told++);
    const holding = { origin: there, epoch: early, sequence: 9 };
    holdings.hold({ ...holding, ageMs: 10 });
    holdings.hold({ ...holding, ageMs: 0 });
    clock.pass(1);
    holdings.hold({ ...holding, ageMs: 0 });
    expect(told).toBe(1);
    holdings.acked(hexOf(there), early, 1);
    holdings.acked(hexOf(there), early, 1);
    expect(told).toBe(2);
    end();
    holdings.acked(hexOf(there), early, 2);
    expect(told).toBe(2);
  });
});

describe('agreement', () => {
  it('[REP4] is as of the last who said the same, and stays when they go on', () => {
    const { clock, holdings } = begun();
    holdings.report([report(there), report(beyond, { ageMs: 400 })], 100);
    expect(holdings.agreedMs).toBeUndefined();
    holdings.rootIs(root);
    const agreed = clock.now() - 500;
    expect(holdings.agreedMs).toBe(agreed);
    clock.pass(5_000);
    holdings.report([report(there, { root: new Uint8Array(20) })], 0);
    expect(holdings.agreedMs).toBe(agreed);
  });

  it('[REP4] is of all or of nobody: one more that is heard of has not agreed', () => {
    const { holdings } = begun();
    holdings.rootIs(root);
    expect(holdings.agreedMs).toBeUndefined();
    holdings.report([report(there)], 0);
    expect(holdings.agreedMs).toBeDefined();
    holdings.report([report(beyond, { root: new Uint8Array(0) })], 0);
    expect(holdings.agreedMs).toBeUndefined();
  });
});

it('[REP5] one that is forgotten is not heard of through others, nor what is held of it', () => {
  const forgotten = new Set<string>();
  const { holdings } = begun(forgotten);
  holdings.report([report(there), report(beyond)], 0);
  holdings.hold({ origin: beyond, epoch: early, sequence: 1, ageMs: 0 });
  forgotten.add(hexOf(beyond));
  expect(holdings.forget(hexOf(beyond))).toBe(true);
  holdings.report([report(beyond)], 0);
  holdings.hold({ origin: beyond, epoch: early, sequence: 2, ageMs: 0 });
  expect(holdings.replicas.map(({ replica }) => replica)).toEqual([hexOf(here), hexOf(there)]);
  expect(holdings.reports()[0]!.holdings).toEqual([]);
});

it('[REP3] ages stay numbers that can be passed on, however often they are', () => {
  const { holdings } = begun();
  holdings.named(there, 'there');
  for (let times = 0; times < 3; times++) {
    const [, again] = holdings.reports();
    expect(Number.isSafeInteger(again!.ageMs)).toBe(true);
    holdings.report([{ ...again!, replica: beyond }], 1_000);
  }
});

it('[REP36] of a copy that runs elsewhere somebody holds more and more, and of an epoch that is lost nobody does', () => {
  const { clock, holdings, heardBy } = begun();
  const epochs = { copy: late, lost: new Uint8Array(8).fill(7), own: early };
  const told = (lostMs: number): void =>
    holdings.report(
      [
        report(there, {
          holdings: [
            { origin: here, epoch: epochs.copy, sequence: 7, ageMs: 40 },
            { origin: here, epoch: epochs.own, sequence: 7, ageMs: 40 },
            { origin: here, epoch: epochs.lost, sequence: 9, ageMs: lostMs },
          ],
        }),
      ],
      10,
    );
  for (const lostMs of [100, 6_100, 12_100]) {
    told(lostMs);
    clock.pass(6_000);
  }
  expect(heardBy).toEqual(['there']);
});

it('[REP36] what ended before this replica began is no copy, though more is heard of it later', () => {
  const { clock, holdings, heardBy } = begun();
  const beganMs = clock.now();
  const lost = new Uint8Array(8).fill(7);
  for (const heldMs of [beganMs - 20_000, beganMs - 1_000]) {
    clock.pass(6_000);
    const ageMs = clock.now() - heldMs;
    holdings.report([report(there, { holdings: [{ origin: here, epoch: lost, sequence: 9, ageMs }] })], 0);
  }
  expect(heardBy).toEqual([]);
});
