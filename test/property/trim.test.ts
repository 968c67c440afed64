import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { BoundaryHash } from '@syncline/server/engine/yjs/digest.ts';
import { HeldSet } from '@syncline/server/engine/yjs/held-set.ts';
import { asSummary } from '@syncline/server/engine/yjs/summary.ts';
import { trimUpdate } from '@syncline/server/engine/yjs/trim.ts';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { SeededRandom } from '../support/random.ts';
import { contentOf, readerOf } from './content.ts';
import { editTogether } from './editing.ts';

const histories = 60;

it('[CNV1] what is left of an update makes whoever has some of it whole, and repeats nothing', () => {
  const random = new SeededRandom(20_261_123);
  for (let history = 0; history < histories; history++) {
    const updates = editTogether(random, { people: 3, steps: 60 });
    const whole = Y.mergeUpdates(updates);
    const some = updates.filter(() => random.oneIn(2));
    const held = new HeldSet(new BoundaryHash(new Uint8Array(16)));
    for (const update of some) held.add(asSummary(checkUpdate(update)));
    const rest = trimUpdate(whole, (client) => held.held.get(client));
    expect(held.overlaps(asSummary(checkUpdate(rest)))).toBe(false);
    expect(contentOf(readerOf(...some, rest))).toEqual(contentOf(readerOf(whole)));
  }
});
