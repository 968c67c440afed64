import type { PresenceEntry } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { HeldPresence } from './held-presence.ts';

const ben: PresenceEntry = { client: 7, clock: 4, state: new TextEncoder().encode('{"name":"ben"}') };

it('[SDK25] who opens a document again that is being left is seen and sees, with an awareness of their own', () => {
  const doc = new Y.Doc();
  const [first, second] = [new Awareness(doc), new Awareness(doc)];
  const said: (Uint8Array | undefined)[] = [];
  const held = new HeldPresence(doc, first);
  held.bind((entries) => said.push(...entries.map(({ state }) => state)));
  held.leave();
  expect(said.at(-1)).toBeUndefined();
  // Nobody hears of it while nobody has it open.
  held.heard([ben]);
  expect(first.getStates().has(ben.client)).toBe(false);
  second.setLocalState({ name: 'anna' });
  held.enter(second);
  expect(held.awareness).toBe(second);
  expect(new TextDecoder().decode(said.at(-1))).toBe('{"name":"anna"}');
  expect(second.getStates().get(ben.client)).toEqual({ name: 'ben' });
  expect(first.getStates().has(ben.client)).toBe(false);

  // One of its own after one that was lent, and the other way round.
  held.leave();
  held.enter(undefined);
  const own = held.awareness;
  expect([first, second]).not.toContain(own);
  held.leave();
  held.enter(undefined);
  expect(held.awareness).toBe(own);
  held.enter(first);
  expect(held.awareness).toBe(first);
  expect(own.getLocalState()).toBeNull();
  held.end();
  expect(second.getLocalState()).toEqual({ name: 'anna' });
  for (const awareness of [first, second]) awareness.destroy();
});
