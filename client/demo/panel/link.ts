// One connection over a network that may be slow or lose messages. What is lost is never made good, as nothing notices it: a link that
// has lost something is always cut in the end, as one that broke.
import type { Platform, Socket, SocketListener } from '../../src/sync/platform.ts';
import { type Frame, type FrameLog, FrameReader } from './frame-log.ts';
import type { Switches } from './switches.ts';

/** How late each message is on a slow network, in each direction. */
export const slowMs = 1_000;
/** A link on a network that drops messages is good for so long, */
export const goodForMs = 4_000;
/** and then loses everything for so long, before it is cut. */
export const losesForMs = 3_000;

interface LinkSettings {
  readonly connect: (listener: SocketListener) => Socket;
  readonly platform: Pick<Platform, 'now' | 'epochMs' | 'after'>;
  readonly log: FrameLog;
  readonly switches: Switches;
  readonly listener: SocketListener;
}

export class Link implements Socket {
  readonly #settings: LinkSettings;
  readonly #reader = new FrameReader();
  readonly #sent: Pipe;
  readonly #received: Pipe;
  readonly #socket: Socket;
  #switches: Switches;
  #isLosing = false;
  #isOver = false;
  #cancelLosing: (() => void) | undefined;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
    this.#switches = settings.switches;
    this.#sent = new Pipe(settings.platform);
    this.#received = new Pipe(settings.platform);
    if (this.#switches.isLossy) this.#loseAfter(goodForMs);
    this.#socket = settings.connect({
      opened: () => this.#arrives(() => settings.listener.opened()),
      received: (frame) => this.#arrives(() => this.#heard(frame)),
      closed: (code, reason) => this.#arrives(() => this.#over(code, reason)),
    });
  }

  send(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#noted('sent', frame);
    if (!this.#isLosing) this.#sent.push(this.#delayMs, () => this.#socket.send(frame));
  }

  close(): void {
    this.#sent.push(this.#delayMs, () => this.#socket.close());
  }

  turned(switches: Switches): void {
    const { isLossy: wasLossy } = this.#switches;
    this.#switches = switches;
    if (switches.isLossy && !wasLossy) this.#loseAfter(0);
    // What has been lost is lost.
    if (!switches.isLossy && !this.#isLosing) this.#cancelLosing?.();
  }

  cut(): void {
    this.#socket.close();
    this.#over(1006, '');
  }

  get #delayMs(): number {
    return this.#switches.isSlow ? slowMs : 0;
  }

  #arrives(action: () => void): void {
    this.#received.push(this.#delayMs, () => {
      if (!this.#isOver) action();
    });
  }

  #heard(frame: Uint8Array): void {
    this.#noted('received', frame);
    if (!this.#isLosing) this.#settings.listener.received(frame);
  }

  #noted(direction: Frame['direction'], frame: Uint8Array): void {
    this.#settings.log.add({
      atMs: this.#settings.platform.epochMs(),
      direction,
      ...this.#reader.read(direction, frame),
      bytes: frame.length,
      isLost: this.#isLosing,
    });
  }

  #loseAfter(delayMs: number): void {
    if (this.#isLosing) return;
    const { platform } = this.#settings;
    const lose = (): void => {
      this.#isLosing = true;
      this.#cancelLosing = platform.after(losesForMs, () => this.cut());
    };
    this.#cancelLosing?.();
    if (delayMs === 0) lose();
    else this.#cancelLosing = platform.after(delayMs, lose);
  }

  #over(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelLosing?.();
    this.#sent.end();
    this.#received.end();
    this.#settings.listener.closed(code, reason);
  }
}

/** Lets through one after the other, each at its time; none overtakes another when the delay becomes shorter. */
class Pipe {
  readonly #platform: LinkSettings['platform'];
  readonly #waiting: (() => void)[] = [];
  readonly #cancels = new Set<() => void>();
  #lastAtMs = 0;

  constructor(platform: LinkSettings['platform']) {
    this.#platform = platform;
  }

  push(delayMs: number, action: () => void): void {
    if (delayMs === 0 && this.#waiting.length === 0) return action();
    const nowMs = this.#platform.now();
    this.#lastAtMs = Math.max(this.#lastAtMs, nowMs + delayMs);
    this.#waiting.push(action);
    const cancel = this.#platform.after(this.#lastAtMs - nowMs, () => {
      this.#cancels.delete(cancel);
      // Whichever timer it is: they may fire in another order.
      this.#waiting.shift()?.();
    });
    this.#cancels.add(cancel);
  }

  end(): void {
    this.#waiting.length = 0;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
