// A stock Hocuspocus provider with a document, as an app would have it in Node; several may share a socket.
import { HocuspocusProvider, HocuspocusProviderWebsocket, WebSocketStatus } from '@hocuspocus/provider';
import {
  HocuspocusProvider as HocuspocusProvider2,
  HocuspocusProviderWebsocket as HocuspocusProviderWebsocket2,
} from 'hocuspocus-provider-2';
import {
  HocuspocusProvider as HocuspocusProvider3,
  HocuspocusProviderWebsocket as HocuspocusProviderWebsocket3,
} from 'hocuspocus-provider-3';
import * as Y from 'yjs';
import { until } from './until.ts';

const providers = {
  '4.8': [HocuspocusProvider, HocuspocusProviderWebsocket],
  '3.4': [HocuspocusProvider3, HocuspocusProviderWebsocket3],
  '2.15': [HocuspocusProvider2, HocuspocusProviderWebsocket2],
} as const;

export type HocuspocusVersion = keyof typeof providers;
export const hocuspocusVersions = Object.keys(providers) as HocuspocusVersion[];

type Token = string | (() => Promise<string>);

/** A socket of a version, for one or more providers of that version. */
export class HocuspocusSocket implements Disposable {
  readonly version: HocuspocusVersion;
  readonly provider: HocuspocusProviderWebsocket;
  /** With what each of its connections was closed. */
  readonly closeCodes: number[] = [];
  connections = 0;

  constructor(url: string, version: HocuspocusVersion) {
    this.version = version;
    // Those of all versions have the shape that is used here. Their pauses are a second and more, which a test need not wait out.
    const Socket = providers[version][1] as unknown as typeof HocuspocusProviderWebsocket;
    this.provider = new Socket({ url, delay: 100, minDelay: 100, maxDelay: 300 });
    this.provider.on('close', ({ event }: { event: CloseEvent }) => this.closeCodes.push(event.code));
    this.provider.on('open', () => this.connections++);
  }

  /** Ends the connection, and makes no new one until `connect`; resolves when it has ended. */
  async disconnect(): Promise<void> {
    this.provider.disconnect();
    await until('it is disconnected', () => this.provider.status === WebSocketStatus.Disconnected);
  }

  connect(): void {
    // It resolves when there is a connection, which may be never.
    void this.provider.connect().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.provider.destroy();
  }
}

export interface HocuspocusSettings {
  readonly socket: HocuspocusSocket;
  readonly document: string;
  readonly token?: Token;
  readonly doc?: Y.Doc;
  /** Options of version 4. */
  readonly sessionAwareness?: boolean;
  readonly flushDelay?: number;
}

export class HocuspocusClient implements Disposable {
  readonly doc: Y.Doc;
  readonly provider: HocuspocusProvider;
  readonly socket: HocuspocusSocket;
  readonly #ownsSocket: boolean;
  /** The count of what is not saved, each time that it changed. */
  readonly counts: number[] = [];
  readonly denials: string[] = [];
  readonly scopes: string[] = [];
  readonly payloads: string[] = [];

  constructor({ socket, document, token, doc, ...options }: HocuspocusSettings, ownsSocket = false) {
    this.socket = socket;
    this.#ownsSocket = ownsSocket;
    this.doc = doc ?? new Y.Doc();
    const Provider = providers[socket.version][0] as unknown as typeof HocuspocusProvider;
    this.provider = new Provider({
      websocketProvider: socket.provider,
      name: document,
      document: this.doc,
      token: token ?? null,
      // A channel between the tabs of a browser would join clients of one process behind the server's back.
      ...({ broadcast: false } as object),
      ...options,
      onAuthenticationFailed: ({ reason }) => this.denials.push(reason),
      // Version 2 says nothing with it.
      onAuthenticated: () => this.scopes.push(String(this.provider.authorizedScope)),
      onStateless: ({ payload }) => this.payloads.push(payload),
    });
    this.provider.on('unsyncedChanges', () => this.counts.push(this.provider.unsyncedChanges));
    // Version 2 is attached as soon as it is made.
    if (socket.version !== '2.15') this.provider.attach();
  }

  /** A client with a socket of its own. */
  static on(
    url: string,
    version: HocuspocusVersion,
    settings: Omit<HocuspocusSettings, 'socket'>,
  ): HocuspocusClient {
    return new HocuspocusClient({ ...settings, socket: new HocuspocusSocket(url, version) }, true);
  }

  get text(): Y.Text {
    return this.doc.getText('content');
  }

  get content(): string {
    return this.text.toJSON();
  }

  get awareness(): NonNullable<HocuspocusProvider['awareness']> {
    return this.provider.awareness!;
  }

  /** What another client is seen to say of itself. */
  sees({ doc }: { readonly doc: Y.Doc }): unknown {
    return this.awareness.getStates().get(doc.clientID)?.['user'];
  }

  async synced(): Promise<this> {
    await until('the provider is synced', () => this.provider.synced);
    return this;
  }

  /** Resolves when its count says that everything is saved. */
  async saved(): Promise<this> {
    await until('everything is saved', () => this.provider.synced && !this.provider.hasUnsyncedChanges);
    return this;
  }

  [Symbol.dispose](): void {
    this.provider.destroy();
    if (this.#ownsSocket) this.socket[Symbol.dispose]();
    this.doc.destroy();
  }
}
