// Telling an application, whose mistakes must not stop the synchronisation: what it throws is reported.
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
