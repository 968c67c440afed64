// A document of a client in the shape of y-websocket's provider, for code that expects one: editor bindings, and apps that come from
// there. Everything that it cannot say, such as what is saved, `document.status` says.
import type { SyncError } from '@syncline/shared';
import { ObservableV2 } from 'lib0/observable';
import { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { DocumentStatus, Downloads } from './status.ts';
import type { SyncedDocument } from './yjs/document.ts';
import type { OpenYjs } from './yjs/engine.ts';

export type ProviderStatus = 'connecting' | 'connected' | 'disconnected';

export interface ProviderOptions {
  /** False opens nothing until `connect` is called. */
  readonly connect?: boolean | undefined;
  /** Of the same doc; one that is made otherwise ends with the provider. */
  readonly awareness?: Awareness | undefined;
}

interface ProviderEvents {
  status: (event: { readonly status: ProviderStatus }) => void;
  /** Whether everything that the server has is here: true when it has come, false when the connection is lost. */
  sync: (isSynced: boolean) => void;
  synced: (isSynced: boolean) => void;
  /** There was a connection, or one was tried, and there is none now. Why is for `document.status` to say. */
  'connection-close': (event: null, provider: YjsProvider) => void;
  'connection-error': (event: Event, provider: YjsProvider) => void;
  /** Refused for good, by the code with which other providers are closed: `connect` tries again. */
  closed: (event: { readonly code: number; readonly reason: string }, provider: YjsProvider) => void;
}

interface Standing {
  readonly status: ProviderStatus;
  readonly isSynced: boolean;
  /** Why only the application can bring it on. */
  readonly refusal: SyncError | undefined;
}

/** What it needs of a client. */
export interface ProviderClient {
  readonly open: OpenYjs;
  retry(): void;
}

const nowhere: Standing = { status: 'disconnected', isSynced: false, refusal: undefined };

export class YjsProvider extends ObservableV2<ProviderEvents> {
  readonly roomname: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly #client: ProviderClient;
  readonly #endAwareness: () => void;
  #document: SyncedDocument | undefined;
  #isWanted = false;
  #standing = nowhere;

  /** Opens the document `name` as `doc`, and connects as the client does. Throws what `client.open` throws. */
  constructor(
    client: ProviderClient,
    name: string,
    doc: Y.Doc,
    { connect = true, awareness }: ProviderOptions = {},
  ) {
    super();
    this.#client = client;
    this.roomname = name;
    this.doc = doc;
    const made = awareness ?? new Awareness(doc);
    this.awareness = made;
    this.#endAwareness = () => {
      if (!awareness) made.destroy();
    };
    try {
      if (connect) this.connect();
    } catch (error) {
      this.#endAwareness();
      throw error;
    }
  }

  /** The document itself: what is saved, and what is kept on this device. The last one that was open, if any was. */
  get document(): SyncedDocument | undefined {
    return this.#document;
  }

  get synced(): boolean {
    return this.#standing.isSynced;
  }

  get wsconnected(): boolean {
    return this.#standing.status === 'connected';
  }

  get wsconnecting(): boolean {
    return this.#standing.status === 'connecting';
  }

  /** False after `disconnect`, and while the server refuses. */
  get shouldConnect(): boolean {
    return this.#isWanted && this.#standing.refusal === undefined;
  }

  /** Goes on with a server after `disconnect`, and tries again after a refusal. */
  connect(): void {
    if (this.#isWanted) {
      if (this.#standing.refusal) this.#tryAgain();
      return;
    }
    const document = (this.#document ??= this.#open());
    this.#isWanted = true;
    document.resume();
    this.#stand(standingOf(document.status, this.#standing));
  }

  /**
   * Goes on without a server: what is typed is kept on this device, with a store, and sent after `connect`. The client's connection stays,
   * with the others on it.
   */
  disconnect(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#document?.pause();
    this.#stand(nowhere);
  }

  /** Closes the document, when what was typed in it is saved. */
  override destroy(): void {
    this.disconnect();
    this.#document?.close();
    this.#endAwareness();
    super.destroy();
  }

  #open(): SyncedDocument {
    const document = this.#client.open(this.roomname, { doc: this.doc, presence: this.awareness });
    document.onStatus((status) => {
      if (this.#isWanted) this.#stand(standingOf(status, this.#standing));
    });
    return document;
  }

  #tryAgain(): void {
    this.#client.retry();
    this.#document?.retry();
  }

  #stand(standing: Standing): void {
    const before = this.#standing;
    const { status, isSynced, refusal } = standing;
    this.#standing = standing;
    if (status === 'disconnected' && before.status !== status) {
      if (before.status === 'connecting' && this.#isWanted)
        this.emit('connection-error', [new Event('error'), this]);
      this.emit('connection-close', [null, this]);
    }
    if (before.isSynced && !isSynced) this.#saySynced(false);
    if (status !== before.status) this.emit('status', [{ status }]);
    if (isSynced && !before.isSynced) this.#saySynced(true);
    if (refusal && refusal !== before.refusal)
      this.emit('closed', [{ code: refusal.close, reason: refusal.message }, this]);
  }

  #saySynced(isSynced: boolean): void {
    this.emit('synced', [isSynced]);
    this.emit('sync', [isSynced]);
  }
}

function standingOf({ connection, downloads }: DocumentStatus, before: Standing): Standing {
  const isRefused = downloads.state === 'refused' && downloads.retryAtMs === undefined;
  if (isRefused) return { ...nowhere, refusal: downloads.error };
  switch (connection.state) {
    case 'connected':
      // A connection that there is has to answer for the document. What it has said stays true while the two compare again.
      return {
        status: before.status === 'connected' || isAnswered(downloads) ? 'connected' : 'connecting',
        isSynced: before.isSynced || downloads.state === 'current',
        refusal: undefined,
      };
    case 'connecting':
    case 'greeting':
    case 'initial':
      return { status: 'connecting', isSynced: false, refusal: undefined };
    case 'needs-token':
    case 'rejected':
      return { ...nowhere, refusal: connection.error };
    case 'waiting':
    case 'closed':
      return nowhere;
  }
}

function isAnswered({ state }: Downloads): boolean {
  return state === 'catching-up' || state === 'current';
}
