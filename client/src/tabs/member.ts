// One tab among those of its origin. Whoever holds the lock leads, and has the sockets; all others queue for it and reach servers
// through the one that leads. A leader that answers nothing is robbed of the lock, and follows when it wakes up.
//
// The lock alone decides who leads: two that take themselves for the leader for a moment do no harm, for each has sockets of its own
// and nothing is acknowledged but by a server; the one that was robbed is told so by the lock.
import type { TabEdit, TabListener, TabMember, TabRole } from '../local/tabs.ts';
import type { Platform, Socket, SocketListener } from '../sync/platform.ts';
import { Following } from './following.ts';
import { Leading, type WireChannel } from './leading.ts';
import { lockOfTab } from './lock-of-tab.ts';
import {
  type CommonMessage,
  isCommonMessage,
  isWireMessage,
  sendable,
  tabsVersion,
  type WireMessage,
} from './message.ts';
import type { TabChannel, TabSurroundings } from './surroundings.ts';
import { newTabName } from './tab-name.ts';
import { Watches } from './watches.ts';

/** Of several followers that find their leader frozen, one is first. */
const robWithinMs = 1_000;

export interface MemberSettings {
  /** Tabs of one scope share. */
  readonly scope: string;
  readonly surroundings: TabSurroundings;
  readonly platform: Platform;
  readonly listener: TabListener;
}

/** What a tab has open while it takes part. */
interface Part {
  readonly common: TabChannel;
  readonly wire: TabChannel;
  /** Held as long as this tab is there, so that others see when it is gone. */
  readonly releaseOwn: () => void;
  /** Before that lock is held, others would take this tab for gone. */
  isPresent: boolean;
  readonly unsent: CommonMessage[];
  /** Gives up the lead, or the place in the queue for it. */
  releaseLead: (() => void) | undefined;
  cancelRobbery: (() => void) | undefined;
}

export class Member implements TabMember {
  readonly name: string;
  readonly connect: Platform['connect'];
  readonly #settings: MemberSettings;
  readonly #following: Following;
  readonly #watches: Watches;
  /** Tabs from which an edit came. */
  readonly #authors = new Set<string>();
  readonly #endPauses: () => void;
  #role: TabRole = 'follower';
  #part: Part | undefined;
  #leading: Leading | undefined;

  constructor(settings: MemberSettings) {
    const { platform, surroundings, scope } = settings;
    this.#settings = settings;
    this.name = newTabName(platform);
    this.connect = (url, listener) => this.#connect(url, listener);
    this.#following = new Following({
      platform,
      ask: () => this.#post({ say: 'asks', from: this.name }),
      wireTo: (leader) => this.#wireTo(leader),
      suspected: () => this.#suspected(),
      found: () => this.#found(),
    });
    this.#watches = new Watches(surroundings, scope, (tab) => this.#gone(tab));
    this.#endPauses = surroundings.onPause(
      () => this.#pause(),
      () => this.#return(),
    );
    this.#enter();
  }

  get role(): TabRole {
    return this.#role;
  }

  tell(edit: TabEdit): void {
    this.#post({ say: 'edits', from: this.name, edit: { ...edit, updates: edit.updates.map(sendable) } });
  }

  leave(): void {
    this.#endPauses();
    this.#goAlone();
  }

  #connect(url: string, listener: SocketListener): Socket {
    if (this.#role === 'follower') return this.#following.connect(url, listener);
    return (this.#leading ?? this.#settings.platform).connect(url, listener);
  }

  #enter(): void {
    if (this.#part || this.#role === 'solo') return;
    try {
      this.#part = this.#takePart();
    } catch {
      // A sandboxed frame has no channels.
      this.#goAlone();
      // Whoever joins has not got this yet.
      return void Promise.resolve().then(() => this.#settings.listener.roleChanged());
    }
    this.#watches.resume();
  }

  #takePart(): Part {
    const { surroundings, scope } = this.#settings;
    const channel = `syncline/${tabsVersion}:${scope}`;
    const common = surroundings.channel(channel, (message) => {
      if (isCommonMessage(message)) this.#heard(message);
    });
    const wire = surroundings.channel(`${channel}:${this.name}`, (message) => {
      if (isWireMessage(message) && message.to === this.name) this.#following.heard(message);
    });
    const releaseOwn = surroundings.lock(lockOfTab(scope, this.name), {
      // A tab that comes back may find it with one that watched it, and is frozen.
      isStolen: true,
      granted: () => this.#present(),
      lost: () => {},
      failed: () => this.#failed(),
    });
    return {
      common,
      wire,
      releaseOwn,
      isPresent: false,
      unsent: [],
      releaseLead: undefined,
      cancelRobbery: undefined,
    };
  }

  #present(): void {
    const part = this.#part!;
    part.isPresent = true;
    for (const message of part.unsent.splice(0)) part.common.post(message);
    this.#queue();
    this.#following.resume();
  }

  #queue(isStolen = false): void {
    const part = this.#part!;
    part.releaseLead?.();
    part.releaseLead = this.#settings.surroundings.lock(`syncline/${tabsVersion}:${this.#settings.scope}`, {
      isStolen,
      granted: () => this.#lead(),
      lost: () => this.#robbed(),
      failed: () => this.#failed(),
    });
  }

  #lead(): void {
    this.#found();
    const { platform } = this.#settings;
    const leading = new Leading({
      name: this.name,
      platform,
      openWire: (follower, heard) => this.#openWire(follower, heard),
    });
    this.#leading = leading;
    this.#role = 'leader';
    this.#post({ say: 'leads', from: this.name });
    this.#following.handOver(leading);
    this.#settings.listener.roleChanged();
  }

  /** This tab did not run, and another one has taken over. */
  #robbed(): void {
    const wasLeader = this.#leading !== undefined;
    this.#resign();
    this.#following.resume();
    this.#queue();
    if (wasLeader) this.#settings.listener.roleChanged();
  }

  #resign(): void {
    const leading = this.#leading;
    if (!leading) return;
    this.#leading = undefined;
    this.#role = 'follower';
    leading.end();
    this.#post({ say: 'resigns', from: this.name });
  }

  #suspected(): void {
    const part = this.#part;
    if (!part || part.cancelRobbery || this.#role !== 'follower') return;
    const { platform } = this.#settings;
    part.cancelRobbery = platform.after(platform.fraction() * robWithinMs, () => {
      part.cancelRobbery = undefined;
      this.#queue(true);
    });
  }

  #found(): void {
    this.#part?.cancelRobbery?.();
    if (this.#part) this.#part.cancelRobbery = undefined;
  }

  #heard(message: CommonMessage): void {
    switch (message.say) {
      case 'asks':
        if (!this.#leading) return;
        // What it has open is closed when it is gone.
        this.#watches.add(message.from);
        return this.#leading.asked(message.from);
      case 'leads':
        if (this.#role === 'follower') this.#following.announced(message.from);
        return;
      case 'resigns':
        return this.#following.resigned(message.from);
      case 'edits':
        this.#authors.add(message.from);
        this.#watches.add(message.from);
        this.#settings.listener.edited(message.edit, message.from);
    }
  }

  #gone(tab: string): void {
    this.#leading?.gone(tab);
    if (this.#authors.delete(tab)) this.#settings.listener.left(tab);
  }

  /** A page that is set aside with a lock is thrown away, or keeps it from all others. */
  #pause(): void {
    const wasLeader = this.#leading !== undefined;
    this.#part?.cancelRobbery?.();
    this.#following.pause();
    this.#resign();
    this.#letGo();
    if (wasLeader) this.#settings.listener.roleChanged();
  }

  #return(): void {
    this.#enter();
    this.#settings.listener.returned?.();
  }

  #letGo(): void {
    const part = this.#part;
    this.#part = undefined;
    this.#watches.pause();
    part?.releaseLead?.();
    part?.releaseOwn();
    part?.common.close();
    part?.wire.close();
  }

  #failed(): void {
    const authors = [...this.#authors];
    this.#goAlone();
    this.#settings.listener.roleChanged();
    for (const tab of authors) this.#gone(tab);
  }

  #goAlone(): void {
    this.#part?.cancelRobbery?.();
    this.#resign();
    this.#letGo();
    this.#role = 'solo';
    this.#following.handOver(this.#settings.platform);
  }

  #post(message: CommonMessage): void {
    const part = this.#part;
    if (part?.isPresent) part.common.post(message);
    // A question is asked again by itself, and an edit is not told twice.
    else if (message.say === 'edits') part?.unsent.push(message);
  }

  #wireTo(leader: string) {
    const post = (message: WireMessage): void => this.#part?.wire.post(message);
    const about = (socket: number) => ({ from: this.name, to: leader, socket });
    return {
      open: (socket: number, url: string) => post({ ...about(socket), say: 'open', url }),
      frame: (socket: number, frame: Uint8Array) =>
        post({ ...about(socket), say: 'frame', frame: sendable(frame) }),
      close: (socket: number) => post({ ...about(socket), say: 'close' }),
    };
  }

  #openWire(follower: string, heard: (message: WireMessage) => void): WireChannel {
    const { surroundings, scope } = this.#settings;
    return surroundings.channel(`syncline/${tabsVersion}:${scope}:${follower}`, (message) => {
      if (isWireMessage(message) && message.to === this.name && message.from === follower) heard(message);
    });
  }
}
