import type { PresenceEntry } from '@syncline/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LivePresence, type PresenceChange } from './presence.ts';

/** As it is said, with the state readable. */
interface Said {
  readonly client: number;
  readonly clock: number;
  readonly state: unknown;
}

class Time {
  #nowMs = 0;
  #due: { readonly atMs: number; readonly action: () => void } | undefined;

  get hasTimer(): boolean {
    return this.#due !== undefined;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    this.#due = { atMs: this.#nowMs + delayMs, action };
    return () => (this.#due = undefined);
  }

  pass(milliseconds: number): void {
    const untilMs = this.#nowMs + milliseconds;
    while (this.#due && this.#due.atMs <= untilMs) {
      const { atMs, action } = this.#due;
      this.#nowMs = atMs;
      action();
    }
    this.#nowMs = untilMs;
  }
}

describe('the presence of an Automerge document', () => {
  let time: Time;
  let reported: unknown[];
  let presence: LivePresence;
  let said: Said[];
  let changes: PresenceChange[];

  beforeEach(() => {
    time = new Time();
    reported = [];
    presence = new LivePresence({
      now: () => time.now(),
      epochMs: () => time.now(),
      after: (delayMs, action) => time.after(delayMs, action),
      fraction: () => 0.25,
      connect: () => {
        throw new Error('it has no connection');
      },
      onOnline: () => () => {},
      report: (error) => void reported.push(error),
    });
    said = [];
    changes = [];
    presence.bind((entries) => said.push(...entries.map(readable)));
    presence.on('change', (change) => changes.push(change));
  });
  afterEach(() => presence.end());

  const own = 2 ** 30;
  const entry = (client: number, clock: number, state: unknown): PresenceEntry => ({
    client,
    clock,
    state: state === undefined ? undefined : new TextEncoder().encode(JSON.stringify(state)),
  });

  it('[SDK7] says how it is, and every change of it', () => {
    presence.setLocalStateField('name', 'Änna 👋');
    presence.setLocalState(null);
    presence.setLocalStateField('name', 'nobody');
    expect(said).toEqual([
      { client: own, clock: 0, state: {} },
      { client: own, clock: 1, state: { name: 'Änna 👋' } },
      { client: own, clock: 2, state: undefined },
    ]);
    presence.setLocalState({});
    expect(changes).toMatchObject([{ updated: [own] }, { removed: [own] }, { added: [own] }]);
  });

  it('[SDK7] hears of others, and says nothing of them', () => {
    presence.heard([entry(7, 1, { name: 'ben' }), entry(8, 1, { name: 'cleo' })]);
    expect(presence.getStates().get(7)).toEqual({ name: 'ben' });
    presence.heard([entry(7, 2, { name: 'ben', at: 3 })]);
    presence.heard([entry(7, 1, { name: 'late' })]);
    expect(presence.getStates().get(7)).toEqual({ name: 'ben', at: 3 });
    presence.heard([entry(8, 1, undefined)]);
    presence.heard([entry(8, 1, { name: 'late' })]);
    expect([...presence.getStates().keys()]).toEqual([own, 7]);
    expect(changes).toEqual([
      { added: [7, 8], updated: [], removed: [] },
      { added: [], updated: [7], removed: [] },
      { added: [], updated: [], removed: [8] },
    ]);
    expect(said).toHaveLength(1);
  });

  it('[SDK7] that is told that it has left says that it has not, with a later clock', () => {
    presence.setLocalStateField('name', 'anna');
    presence.heard([entry(own, 0, undefined), entry(own, 5, { name: 'a liar' })]);
    expect(said).toHaveLength(2);
    presence.heard([entry(own, 1, undefined)]);
    expect(said.at(-1)).toEqual({ client: own, clock: 2, state: { name: 'anna' } });
    expect(presence.getLocalState()).toEqual({ name: 'anna' });
    presence.setLocalState(null);
    presence.heard([entry(own, 9, undefined)]);
    expect(said).toHaveLength(4);
  });

  it('[SDK7] is renewed while it lasts, and that of others is over when it is not', () => {
    presence.heard([entry(7, 1, { name: 'ben' }), entry(8, 1, { name: 'cleo' })]);
    time.pass(15_000);
    expect(said.at(-1)).toEqual({ client: own, clock: 1, state: {} });
    presence.heard([entry(8, 2, { name: 'cleo' })]);
    time.pass(18_000);
    expect([...presence.getStates().keys()]).toEqual([own, 8]);
    expect(changes.at(-1)).toEqual({ added: [], updated: [], removed: [7] });
  });

  it('[SDK7] of the others is forgotten with a connection, and is heard again under the same clock; its own is said under the next', () => {
    presence.heard([entry(7, 4, { name: 'ben' })]);
    presence.beginAnew();
    expect(said.at(-1)).toEqual({ client: own, clock: 1, state: {} });
    expect([...presence.getStates().keys()]).toEqual([own]);
    presence.heard([entry(7, 4, { name: 'ben' })]);
    expect(presence.getStates().get(7)).toEqual({ name: 'ben' });
    presence.setLocalState(null);
    presence.beginAnew();
    expect(said).toHaveLength(3);
  });

  it('[SDK7] of somebody whose state is no JSON is not shown, and that of the others is', () => {
    const state = new TextEncoder().encode('{');
    presence.heard([{ client: 7, clock: 1, state }, entry(8, 1, { name: 'cleo' })]);
    expect([...presence.getStates().keys()]).toEqual([own, 8]);
  });

  it('[SDK6] tells all its listeners, whatever one of them throws, until they are taken off', () => {
    const complaint = new Error('the application has a mistake');
    const fail = (): never => {
      throw complaint;
    };
    presence.on('change', fail);
    let heard = 0;
    const count = (): number => heard++;
    presence.on('change', count);
    presence.setLocalState({});
    presence.off('change', count);
    presence.setLocalState({});
    expect([heard, reported]).toEqual([1, [complaint, complaint]]);
  });

  it('[SDK8] that was ended says and renews nothing more', () => {
    presence.end();
    expect(presence.getLocalState()).toBeNull();
    expect([said.length, time.hasTimer]).toEqual([1, false]);
  });
});

function readable({ client, clock, state }: PresenceEntry): Said {
  return { client, clock, state: state && (JSON.parse(new TextDecoder().decode(state)) as unknown) };
}
