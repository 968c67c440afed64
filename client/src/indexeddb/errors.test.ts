import { expect, it } from 'vitest';
import { LocalStoreError } from '../local/store.ts';
import { isClosed, isLost, reasonOf, told, toldOfOpening } from './errors.ts';

const [abort, full, taken] = ['AbortError', 'QuotaExceededError', 'ConstraintError'].map(named);

it('[LOC9] the reason is what is no mere abort, whichever of the two was told', () => {
  expect(reasonOf([abort, full])).toBe(full);
  expect(reasonOf([taken, abort])).toBe(taken);
  expect(reasonOf([abort, abort])).toBe(abort);
  expect(reasonOf([null, full])).toBe(full);
  expect(reasonOf([null, abort])).toBe(abort);
  expect(told(reasonOf([null]), 'Doing').code).toBe('failed');
});

it.each([
  ['QuotaExceededError', 'full', 'full'],
  ['VersionError', 'newer', 'newer'],
  ['SecurityError', 'unavailable', 'unavailable'],
  ['InvalidStateError', 'failed', 'unavailable'],
  ['AbortError', 'closed', 'closed'],
  ['NotReadableError', 'damaged', 'damaged'],
  ['UnknownError', 'failed', 'failed'],
])('[LOC9] %s is %s, and of opening %s', (name, code, opening) => {
  expect(told(named(name), 'Doing').code).toBe(code);
  expect(toldOfOpening(named(name)).code).toBe(opening);
});

it('[LOC10] what may be a lost connection is tried again, and what has a reason of its own is not', () => {
  const lost = ['AbortError', 'InvalidStateError', 'UnknownError', 'QuotaExceededError', 'DataError'].map(
    named,
  );
  expect(lost.map(isLost)).toEqual([true, true, true, false, false]);
  expect(lost.map(isClosed)).toEqual([true, true, false, false, false]);
  expect(isLost(new LocalStoreError('closed', 'Closed.'))).toBe(false);
  expect(isLost(null)).toBe(false);
});

function named(name: string): DOMException {
  return new DOMException('said', name);
}
