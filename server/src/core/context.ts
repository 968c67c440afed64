// What the core needs of the world around it.
import type { Clock } from '../port/clock.ts';
import type { Engines } from '../port/engine.ts';
import type { Journal } from '../port/journal.ts';
import type { Observe } from '../port/observe.ts';

export interface CoreContext {
  readonly clock: Clock;
  readonly engines: Engines;
  readonly journal: Journal;
  readonly observe: Observe;
}
