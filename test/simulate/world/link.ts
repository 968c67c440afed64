// One WebSocket's way through the network: two directions, each in order, with a delay, a bandwidth and a buffer before it.
// What is lost is lost with the link.
import type { SeededRandom } from '../../support/random.ts';
import type { Schedule } from './schedule.ts';

export type Packet =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping' | 'pong' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export interface Quality {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Undefined where sending takes no time. */
  readonly bytesPerMs: number | undefined;
  /**
   * What each byte counts for in the sender's buffer: on a slow link documents of some kilobytes then fill what
   * takes megabytes elsewhere.
   */
  readonly weight: number;
}

/** What becomes of a packet on its way. */
export type Fate = 'arrives' | 'is lost' | 'arrives twice' | 'arrives late';

export interface DirectionEnds {
  readonly deliver: (packets: readonly Packet[]) => void;
  readonly drained: () => void;
  /** Where packets do not all arrive once and in order. */
  readonly fate?: (packet: Packet) => Fate;
}

/** How long others may overtake a packet that is late. */
const maxLateMs = 400;

/** A stream says that it has drained if it has held as much as this. */
const highWaterMark = 16 * 1024;

export class Direction {
  readonly #schedule: Schedule;
  readonly #random: SeededRandom;
  readonly #ends: DirectionEnds;
  readonly #waiting: Packet[] = [];
  readonly #travelling: { packet: Packet; atMs: number }[] = [];
  #bufferedBytes = 0;
  #isSending = false;
  #needsDrain = false;
  #isHeld = false;
  /** Whether nothing arrives any more; the sender is not told. */
  isDead = false;
  quality: Quality;

  constructor(
    { schedule, random }: { schedule: Schedule; random: SeededRandom },
    quality: Quality,
    ends: DirectionEnds,
  ) {
    this.#schedule = schedule;
    this.#random = random;
    this.quality = quality;
    this.#ends = ends;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes * this.quality.weight;
  }

  send(packet: Packet): void {
    this.#waiting.push(packet);
    this.#bufferedBytes += sizeOf(packet);
    if (this.bufferedBytes >= highWaterMark) this.#needsDrain = true;
    if (!this.#isSending) this.#next();
  }

  /** Whatever is on its way stays there: a network that is broken in this direction alone, and is repeated to when it is mended. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#schedule.after(0, () => this.#arrive());
  }

  #next(): void {
    this.#isSending = this.#waiting.length > 0 && !this.isDead;
    if (!this.#isSending) return;
    const { bytesPerMs } = this.quality;
    if (bytesPerMs === undefined) return this.#sent();
    this.#schedule.after(sizeOf(this.#waiting[0]!) / bytesPerMs, () => this.#sent());
  }

  #sent(): void {
    if (this.isDead) return;
    const packet = this.#waiting.shift()!;
    this.#bufferedBytes -= sizeOf(packet);
    this.#carry(packet, this.#ends.fate?.(packet) ?? 'arrives');
    if (this.#needsDrain && this.#bufferedBytes === 0) {
      this.#needsDrain = false;
      // As a stream does: not within the call that sends.
      this.#schedule.after(0, () => this.#ends.drained());
    }
    this.#next();
  }

  /** In the order in which they were sent, and often several at once, unless they are late. */
  #carry(packet: Packet, fate: Fate): void {
    if (fate === 'is lost') return;
    const { delayMs, jitterMs } = this.quality;
    const now = this.#schedule.now();
    const soonestMs = Math.ceil(now + delayMs + this.#random.below(jitterMs + 1));
    if (fate === 'arrives late') {
      const lateMs = soonestMs - now + this.#random.below(maxLateMs);
      this.#schedule.after(lateMs, () => {
        if (!this.isDead) this.#ends.deliver([packet]);
      });
      return;
    }
    const atMs = Math.max(this.#travelling.at(-1)?.atMs ?? 0, soonestMs);
    this.#travelling.push({ packet, atMs });
    this.#schedule.after(atMs - now, () => this.#arrive());
    if (fate === 'arrives twice') this.#carry(packet, 'arrives');
  }

  /** What arrives at the same time is read at once. */
  #arrive(): void {
    if (this.isDead || this.#isHeld) return;
    const packets: Packet[] = [];
    while (this.#travelling[0] && this.#travelling[0].atMs <= this.#schedule.now()) {
      packets.push(this.#travelling.shift()!.packet);
    }
    if (packets.length > 0) this.#ends.deliver(packets);
  }
}

/** With the header that it has on the wire. */
function sizeOf(packet: Packet): number {
  return 6 + (packet.kind === 'frame' ? packet.bytes.length : 0);
}
