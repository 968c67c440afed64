// A client as one of several tabs of its origin: its page, and its part among the tabs.
import type { TabListener } from '@syncline/client/local/tabs.ts';
import type { Platform } from '@syncline/client/sync/platform.ts';
import { Member } from '@syncline/client/tabs/member.ts';
import type { Origin, Page } from '../world/origin.ts';
import type { Life } from '../world/schedule.ts';
import type { ClientSurroundings } from './surroundings.ts';

interface TabSettings {
  readonly name: string;
  readonly origin: Origin;
  readonly life: Life;
  readonly platform: Platform;
  readonly listener: TabListener;
}

export class Tab {
  readonly member: Member;
  readonly #page: Page;
  readonly #settings: TabSettings;
  readonly #surroundings: ClientSurroundings;
  /** Whether it has had a connection through another tab. */
  #hasFollowed = false;

  constructor(settings: TabSettings, surroundings: ClientSurroundings) {
    const { origin, life, platform, listener } = (this.#settings = settings);
    this.#surroundings = surroundings;
    this.#page = origin.load((action) => life.whenAwake(action));
    this.member = new Member({
      scope: 'app',
      platform,
      surroundings: this.#page.surroundings,
      listener: {
        roleChanged: () => this.#roleChanged(),
        edited: (typed, tab) => listener.edited(typed, tab),
        left: (tab) => listener.left(tab),
      },
    });
  }

  get isLeader(): boolean {
    return this.member.role === 'leader';
  }

  /** It has a connection. */
  connected(): void {
    this.#hasFollowed ||= this.member.role === 'follower';
  }

  /** Nothing of it runs for so long, as in a page that hangs; or that is set aside for the way back, which it is told before. */
  freeze(forMs: number, { isSetAside }: { isSetAside: boolean }): void {
    const { paths } = this.#surroundings;
    const { life } = this.#settings;
    if (this.isLeader && !isSetAside) paths.saw('leader frozen');
    if (isSetAside) this.#page.setAside();
    life.pause(forMs);
    if (isSetAside) life.whenAwake(() => this.#page.bringBack());
  }

  /** The user leaves it. */
  close(): void {
    this.member.leave();
  }

  /** It is gone without a word. */
  vanish(): void {
    this.#page.gone();
  }

  #roleChanged(): void {
    const { paths, trace } = this.#surroundings;
    const { name, listener } = this.#settings;
    trace.note(`${name} is ${this.member.role}`);
    if (this.isLeader) paths.saw(this.#hasFollowed ? 'tab took over' : 'tab led');
    listener.roleChanged();
  }
}
