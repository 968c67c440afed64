// The network of this window, with switches that make it worse. It stands between the client and its sockets, of which the client
// knows nothing; or, where tabs share a socket, between this tab and the others, so that they stay as they are.
import type { LocalStore } from '../../src/index.ts';
import type { TabMember, Tabs } from '../../src/local/tabs.ts';
import { connectingBy, type Platform, type Socket, type SocketListener } from '../../src/sync/platform.ts';
import type { FrameLog } from './frame-log.ts';
import { Link } from './link.ts';
import type { Switches } from './switches.ts';

type Connect = Platform['connect'];

/** As of a line that nothing is heard of any more. */
const cutCode = 1006;

export class Network {
  readonly #platform: Platform;
  readonly #log: FrameLog;
  readonly #links = new Set<Link>();
  readonly #onBack = new Set<() => void>();
  #switches: Switches = { isOffline: false, isSlow: false, isLossy: false };

  constructor(platform: Platform, log: FrameLog) {
    this.#platform = platform;
    this.#log = log;
  }

  get switches(): Switches {
    return this.#switches;
  }

  turn(changed: Partial<Switches>): void {
    const before = this.#switches;
    const after = (this.#switches = { ...before, ...changed });
    if (after.isOffline) for (const link of this.#links) link.cut();
    for (const link of this.#links) link.turned(after);
    if (before.isOffline && !after.isOffline) for (const action of this.#onBack) action();
  }

  /** What the client gets as its platform; where its store has tabs, its sockets are theirs. */
  platform({ tabs }: LocalStore): Platform {
    const direct: Connect = (url, listener) => this.#platform.connect(url, listener);
    return {
      ...connectingBy(this.#platform, tabs ? direct : this.#over(direct)),
      onOnline: (action) => {
        const end = this.#platform.onOnline(action);
        this.#onBack.add(action);
        return () => {
          end();
          this.#onBack.delete(action);
        };
      },
      holdPage: () => this.#platform.holdPage?.() ?? (() => {}),
    };
  }

  /** The same store, with the other tabs reached over this network. */
  store(store: LocalStore): LocalStore {
    return {
      tabs: this.#tabs(store.tabs),
      read: (document, after) => store.read(document, after),
      write: (writes) => store.write(writes),
      list: () => store.list(),
      forget: (document) => store.forget(document),
      persist: () => store.persist(),
      close: () => store.close(),
    };
  }

  #tabs(tabs: Tabs | undefined): Tabs | undefined {
    return tabs && { join: (platform, listener) => this.#member(tabs.join(platform, listener)) };
  }

  #member(member: TabMember): TabMember {
    return {
      name: member.name,
      get role() {
        return member.role;
      },
      connect: this.#over((url, listener) => member.connect(url, listener)),
      tell: (edit) => member.tell(edit),
      leave: () => member.leave(),
    };
  }

  #over(connect: Connect): Connect {
    return (url, listener) =>
      this.#switches.isOffline ? this.#nowhere(listener) : this.#link(connect, url, listener);
  }

  #link(connect: Connect, url: string, listener: SocketListener): Socket {
    const link: Link = new Link({
      connect: (heard) => connect(url, heard),
      platform: this.#platform,
      log: this.#log,
      switches: this.#switches,
      listener: {
        opened: () => listener.opened(),
        received: (frame) => listener.received(frame),
        closed: (code, reason) => {
          this.#links.delete(link);
          listener.closed(code, reason);
        },
      },
    });
    this.#links.add(link);
    return link;
  }

  #nowhere(listener: SocketListener): Socket {
    this.#platform.after(0, () => listener.closed(cutCode, ''));
    return { send: () => {}, close: () => {} };
  }
}
