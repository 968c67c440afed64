import type { PresenceEntry } from '@syncline/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { bindAwareness } from './presence.ts';

/** As it is said, with the state readable. */
interface Said {
  readonly client: number;
  readonly clock: number;
  readonly state: unknown;
}

describe('a bound awareness', () => {
  let awareness: Awareness;
  let said: Said[];
  let bound: ReturnType<typeof bindAwareness>;

  beforeEach(() => {
    awareness = new Awareness(new Y.Doc());
    said = [];
    bound = bindAwareness(awareness, (entries) => said.push(...entries.map(readable)));
  });
  afterEach(() => bound.end());

  const clientID = (): number => awareness.clientID;
  const entry = (client: number, clock: number, state: unknown): PresenceEntry => ({
    client,
    clock,
    state: state === undefined ? undefined : new TextEncoder().encode(JSON.stringify(state)),
  });

  it('[SDK7] says how it is, and every change of it', () => {
    awareness.setLocalStateField('name', 'Änna 👋');
    awareness.setLocalState(null);
    expect(said).toEqual([
      { client: clientID(), clock: 0, state: {} },
      { client: clientID(), clock: 1, state: { name: 'Änna 👋' } },
      { client: clientID(), clock: 2, state: undefined },
    ]);
  });

  it('[SDK7] hears of others, and says nothing of them', () => {
    const before = said.length;
    bound.heard([entry(7, 1, { name: 'ben' }), entry(8, 1, { name: 'cleo' })]);
    expect(awareness.getStates().get(7)).toEqual({ name: 'ben' });
    bound.heard([entry(7, 2, { name: 'ben', at: 3 })]);
    bound.heard([entry(7, 1, { name: 'late' })]);
    expect(awareness.getStates().get(7)).toEqual({ name: 'ben', at: 3 });
    bound.heard([entry(8, 1, undefined)]);
    expect(awareness.getStates().has(8)).toBe(false);
    expect(said).toHaveLength(before);
  });

  it('[SDK7] that is told that it has left says that it has not, with a later clock', () => {
    awareness.setLocalStateField('name', 'anna');
    bound.heard([entry(clientID(), 1, undefined)]);
    expect(said.at(-1)).toEqual({ client: clientID(), clock: 2, state: { name: 'anna' } });
    expect(awareness.getLocalState()).toEqual({ name: 'anna' });
  });

  it('[SDK7] that begins anew on another connection forgets the others, and says under the next clock how it is', () => {
    awareness.setLocalStateField('name', 'anna');
    bound.heard([entry(7, 4, { name: 'ben' })]);
    bound.beginAnew();
    expect([...awareness.getStates().keys()]).toEqual([clientID()]);
    expect(said.at(-1)).toEqual({ client: clientID(), clock: 2, state: { name: 'anna' } });
    bound.heard([entry(7, 4, { name: 'ben' })]);
    expect(awareness.getStates().get(7)).toEqual({ name: 'ben' });
    awareness.setLocalState(null);
    bound.beginAnew();
    expect(said).toHaveLength(4);
  });

  it('[SDK25] that was let go says that nobody is here, keeps its state, and is bound again under a later clock', () => {
    awareness.setLocalStateField('name', 'anna');
    bound.heard([entry(7, 4, { name: 'ben' })]);
    bound.letGo();
    expect(said.at(-1)).toEqual({ client: clientID(), clock: 2, state: undefined });
    expect([...awareness.getStates()]).toEqual([[clientID(), { name: 'anna' }]]);
    const before = said.length;
    awareness.setLocalStateField('name', 'still anna');
    expect(said).toHaveLength(before);
    bound = bindAwareness(awareness, (entries) => said.push(...entries.map(readable)));
    expect(said.at(-1)).toMatchObject({ state: { name: 'still anna' } });
    expect(said.at(-1)!.clock).toBeGreaterThan(2);
    bound.heard([entry(7, 4, { name: 'ben' })]);
    expect(awareness.getStates().get(7)).toEqual({ name: 'ben' });
  });

  it('[SDK8] that was ended says and renews nothing more, whatever its listeners throw', () => {
    const before = said.length;
    const complaint = new Error('the application has a mistake');
    awareness.on('change', () => {
      throw complaint;
    });
    expect(() => bound.end()).toThrow(complaint);
    expect(said).toHaveLength(before);
    expect(awareness.getLocalState()).toBeNull();
    // Nobody is left who could throw.
    expect(() => awareness.setLocalState({})).not.toThrow();
  });
});

function readable({ client, clock, state }: PresenceEntry): Said {
  return { client, clock, state: state && (JSON.parse(new TextDecoder().decode(state)) as unknown) };
}
