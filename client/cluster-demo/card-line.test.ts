import { expect, it } from 'vitest';
import type { DocumentStatus } from '../src/index.ts';
import { cardLine } from './card-line.ts';

const server = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1 << 20,
} as const;

function status(awaited: readonly string[]): DocumentStatus {
  return {
    connection: { state: 'connected', server },
    uploads: { isSaved: true, isAllowed: true, edits: 0, bytes: 0, oldestMs: undefined, awaited },
    downloads: { state: 'current' },
    local: { state: 'memory' },
  };
}

const card = { replica: { name: 'Oslo' }, count: 3 };

it('[CLD4] below a text it is said which disks have it, and which lack it', () => {
  const text = (held: Parameters<typeof cardLine>[1], awaited: string[] = []) =>
    cardLine(status(awaited), held, card).text;
  expect(text('nothing')).toBe('On disk in Oslo');
  expect(text('asking')).toBe('Saving');
  expect(text('lacking', ['Lisbon'])).toBe('On disk in Oslo; Lisbon lacks it');
  expect(text('lacking', ['Lisbon', 'Nairobi'])).toBe('On disk in Oslo; Lisbon and Nairobi lack it');
  expect(text('lacking')).toBe('On disk in Oslo');
  expect(text('all')).toBe('On the disks of all 3');
});

it('[CLD4] below a text nothing is claimed that its own replica has not said', () => {
  const offline = { ...status([]), connection: { state: 'closed' } as const };
  expect(cardLine(offline, 'all', card).text).toBe('Offline: all changes are saved');
});
