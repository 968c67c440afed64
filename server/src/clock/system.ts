// The machine's own clock.
import type { Clock } from '../port/clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  every: (periodMs, action) => {
    const timer = setInterval(action, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
};
