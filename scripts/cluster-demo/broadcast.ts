// Tells every window that has the page open how the cluster is, several times a second, as server-sent events. With nobody looking the
// replicas are not asked.
import type { ServerResponse } from 'node:http';
import type { Snapshot } from '../../client/cluster-demo/snapshot.ts';

/** Often enough that a change is seen as it happens. */
const pauseMs = 200;

export class Broadcast {
  readonly #windows = new Set<ServerResponse>();
  readonly #look: () => Promise<Snapshot>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLooking = false;

  constructor(look: () => Promise<Snapshot>) {
    this.#look = look;
  }

  add(window: ServerResponse): void {
    window.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    window.once('close', () => this.#windows.delete(window));
    this.#windows.add(window);
    void this.tell();
  }

  /** At once, and then again and again. */
  async tell(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isLooking || this.#windows.size === 0) return;
    this.#isLooking = true;
    const snapshot = JSON.stringify(await this.#look());
    this.#isLooking = false;
    for (const window of this.#windows) {
      // A window that does not read is told nothing until it does.
      if (!window.writableNeedDrain) window.write(`data: ${snapshot}\n\n`);
    }
    this.#timer = setTimeout(() => void this.tell(), pauseMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const window of this.#windows) window.end();
    this.#windows.clear();
  }
}
