// Where a simulated client runs, as the SDK sees it: virtual time that ends with its process, and sockets of the simulated network.
import type { Platform } from '@syncline/client/sync/platform.ts';
import type { Station } from '../world/network.ts';
import type { Life } from '../world/schedule.ts';
import type { ClientSurroundings } from './surroundings.ts';

interface ClientProcess {
  readonly station: Station;
  readonly life: Life;
  /** What is to be called whenever there is a network again. */
  readonly onOnline: Set<() => void>;
  readonly report: (error: unknown) => void;
}

export function clientPlatform(
  { station, life, onOnline, report }: ClientProcess,
  { network, random }: ClientSurroundings,
): Platform {
  return {
    now: () => life.now(),
    epochMs: () => life.now(),
    after: (delayMs, action) => {
      const timer = life.after(delayMs, action);
      return () => timer.cancel();
    },
    fraction: () => random.below(1_000) / 1_000,
    connect: (url, listener) =>
      network.connect(station, url, {
        opened: () => life.whenAwake(() => listener.opened()),
        received: (frame) => life.whenAwake(() => listener.received(frame)),
        closed: (code, reason) => life.whenAwake(() => listener.closed(code, reason)),
      }),
    onOnline: (action) => {
      const online = (): void => life.whenAwake(action);
      onOnline.add(online);
      return () => onOnline.delete(online);
    },
    report,
  };
}
