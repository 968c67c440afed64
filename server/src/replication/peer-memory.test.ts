import { expect, it } from 'vitest';
import { PeerMemory } from './peer-memory.ts';

const epoch = new Uint8Array(8);

it('[REP8] points at which there was nothing more to read are kept, each about twice as old as the one before', () => {
  const memory = new PeerMemory(new Uint8Array(16));
  for (let position = 1; position <= 1_000; position++)
    memory.wasDrained({ epoch, position, headSeen: position });
  const ages = memory.candidates.map(({ position }) => 1_000 - position);
  expect(ages).toEqual([0, 1, 2, 4, 8, 24, 40, 104, 232, 488]);
  for (const [older, younger] of ages.slice(3).map((age, at) => [age, ages[at + 2]!] as const))
    expect(older / younger).toBeLessThanOrEqual(3);
});

it('[REP8] the checkpoint comes before them', () => {
  const memory = new PeerMemory(new Uint8Array(16));
  memory.wasDrained({ epoch, position: 9, headSeen: 9 });
  memory.checkpoint = { epoch, position: 5, headSeen: 9 };
  expect(memory.candidates.map(({ position }) => position)).toEqual([5, 9]);
});
