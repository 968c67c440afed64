// Telling an application, whose mistakes must not stop the synchronisation: what it throws is reported, and what it does not wait for
// ends no process.
import type { Platform } from './sync/platform.ts';

export function tellAll<Values extends readonly unknown[]>(
  listeners: Iterable<(...values: Values) => void>,
  platform: Platform,
  ...values: Values
): void {
  for (const listener of listeners) tell(() => listener(...values), platform);
}

export function tell(action: () => void, platform: Platform): void {
  try {
    action();
  } catch (error) {
    platform.report(error);
  }
}

/** For an application that may not wait for it: what it is told of a refusal its status tells as well. */
export function promised<Value>(promise: Promise<Value>): Promise<Value> {
  // Node ends a process in which nobody hears of a rejection.
  promise.catch(() => {});
  return promise;
}
