// The network between machines: who can be dialed, and what goes wrong on the way. It can break in one direction alone, and it
// can lose, repeat and delay what a bus would.
import type { Dial, Dialing } from '@syncline/server/port/dialer.ts';
import { between } from '@syncline/server/replication/messages.ts';
import { dialWithinMs } from '@syncline/server/socket/limits.ts';
import { replicaPath } from '@syncline/server/socket/sockets.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Fate, Packet } from '../world/link.ts';
import type { Network } from '../world/network.ts';
import type { Schedule } from '../world/schedule.ts';
import type { ServerProcess } from '../world/server-process.ts';
import { PeerLink } from './peer-link.ts';

/** A machine as it is dialed. */
export interface Dialed {
  readonly name: string;
  readonly server: ServerProcess | undefined;
  readonly network: Network;
}

/** Of the packets on a way that is unsteady, one in so many does not arrive as it should. */
const unsteadyTimes = 4;

export class PeerNetwork {
  readonly schedule: Schedule;
  readonly random: SeededRandom;
  readonly #machine: (name: string) => Dialed;
  readonly #links = new Set<PeerLink>();
  /** Directions in which nothing gets through. */
  readonly #held = new Set<string>();
  /** Pairs that cannot reach each other. */
  readonly #parted = new Set<string>();
  /** Directions in which changes get lost, and anything repeats or overtakes. */
  readonly #unsteady = new Set<string>();

  constructor(schedule: Schedule, random: SeededRandom, machine: (name: string) => Dialed) {
    this.schedule = schedule;
    this.random = random;
    this.#machine = machine;
  }

  get links(): readonly PeerLink[] {
    for (const link of this.#links) if (link.isOver) this.#links.delete(link);
    return [...this.#links];
  }

  between(one: string, other: string): readonly PeerLink[] {
    return this.links.filter((link) => link.joins(one, other));
  }

  /** Parts two machines, or lets them reach each other again. */
  part(one: string, other: string, isParted: boolean): void {
    for (const key of [`${one}>${other}`, `${other}>${one}`]) {
      if (isParted) this.#parted.add(key);
      else this.#parted.delete(key);
    }
    if (!isParted) return;
    for (const link of this.between(one, other)) {
      if (this.random.oneIn(2)) link.cut();
      else link.halve();
    }
  }

  /** Nothing gets from one machine to another any more, though it does back; or it does again. */
  hold(from: string, to: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(`${from}>${to}`);
    else this.#held.delete(`${from}>${to}`);
    for (const link of this.between(from, to)) link.way(from).hold(isHeld);
  }

  unsettle(from: string, to: string, isUnsteady: boolean): void {
    if (isUnsteady) this.#unsteady.add(`${from}>${to}`);
    else this.#unsteady.delete(`${from}>${to}`);
  }

  /** Everybody can reach everybody. */
  heal(): void {
    this.#parted.clear();
    this.#unsteady.clear();
    for (const way of this.#held) {
      const [from, to] = way.split('>') as [string, string];
      this.hold(from, to, false);
    }
  }

  dial(from: Dialed, to: string, dialing: Dialing): Dial {
    const { life } = from.server!;
    const { schedule } = this;
    const attempt = new Attempt(dialing);
    const patience = life.after(dialWithinMs, () => attempt.fail('nothing answers'));
    attempt.onSettled = () => patience.cancel();
    const quality = from.network.quality();
    schedule.after(quality.delayMs * 2, () => {
      if (attempt.isOver || life.isOver || !this.#isReachable(from.name, to)) return;
      const socket = this.#machine(to).server?.accept(replicaPath, from.name);
      if (!socket) return life.whenAwake(() => attempt.fail('nobody lets in'));
      const fate = (sender: string, receiver: string, packet: Packet): Fate =>
        this.#fate(`${sender}>${receiver}`, packet);
      const link = new PeerLink({ from: from.name, to, quality, fate }, this);
      this.#links.add(link);
      link.accepted(socket);
      for (const [sender, receiver] of [
        [from.name, to],
        [to, from.name],
      ] as const)
        if (this.#held.has(`${sender}>${receiver}`)) link.way(sender).hold(true);
      schedule.after(quality.delayMs, () => {
        life.whenAwake(() => {
          if (!attempt.settle()) return link.cut();
          from.server!.opened(to, dialing, (own) => link.dialed(own));
        });
      });
    });
    return { cancel: () => void attempt.settle() };
  }

  /** Where one direction is broken a connection comes about through something in between that answers for the other side. */
  #isReachable(from: string, to: string): boolean {
    if (this.#parted.has(`${from}>${to}`)) return false;
    if (!this.#held.has(`${from}>${to}`) && !this.#held.has(`${to}>${from}`)) return true;
    return this.random.oneIn(2);
  }

  /** A connection loses nothing: of what a bus would carry, the changes alone are never asked for by their receiver. */
  #fate(way: string, packet: Packet): Fate {
    if (packet.kind !== 'frame' || !this.#unsteady.has(way)) return 'arrives';
    const [type] = packet.bytes;
    if (isOfGreeting(type!) || !this.random.oneIn(unsteadyTimes)) return 'arrives';
    if (type === between.changes.type) return this.random.pick(['is lost', 'arrives twice', 'arrives late']);
    return this.random.pick(['arrives twice', 'arrives late']);
  }
}

function isOfGreeting(type: number): boolean {
  return type === between.hello.type || type === between.proof.type;
}

/** A dial of which something becomes once. */
class Attempt {
  readonly #dialing: Dialing;
  isOver = false;
  onSettled: () => void = () => {};

  constructor(dialing: Dialing) {
    this.#dialing = dialing;
  }

  /** Gives whether nothing had become of it before. */
  settle(): boolean {
    const isFirst = !this.isOver;
    this.isOver = true;
    this.onSettled();
    return isFirst;
  }

  fail(reason: string): void {
    if (this.settle()) this.#dialing.failed(reason);
  }
}
