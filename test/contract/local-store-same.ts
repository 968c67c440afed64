// The assertions of a suite that runs in pages too, where the test runner's are not.
import type { LocalStoreErrorCode } from '@syncline/client/local/store.ts';

export function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Throws unless both are built of the same values. */
export function same(actual: unknown, expected: unknown): void {
  const [one, other] = [render(actual), render(expected)];
  if (one !== other) throw new Error(`is    ${one}\nnot   ${other}`);
}

export function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  same(actual.length, expected.length);
  const index = actual.findIndex((byte, each) => byte !== expected[each]);
  if (index !== -1) throw new Error(`byte ${index} is ${actual[index]}, not ${expected[index]}`);
}

/** Throws unless it rejects with this code of a store. */
export async function expectCode(asked: Promise<unknown>, code: LocalStoreErrorCode): Promise<void> {
  same(await codeOf(asked), code);
}

/** With which code it rejects, or what it says else; `done` if it does not. */
export async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function render(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return `bytes ${each.join(' ')}`;
    if (each === undefined) return 'undefined';
    const isRecord = typeof each === 'object' && each !== null && !Array.isArray(each);
    return isRecord
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each;
  });
}
