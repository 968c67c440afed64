// A stock y-websocket client with a document, as an app would have it in Node.
import { WebsocketProvider } from 'y-websocket';
import { WebsocketProvider as WebsocketProvider15 } from 'y-websocket-1';
import { WebsocketProvider as WebsocketProvider21 } from 'y-websocket-2';
import { WebsocketProvider as WebsocketProvider30 } from 'y-websocket-3.0';
import * as Y from 'yjs';
import { until } from './until.ts';

export const stockProviders = {
  '1.5': WebsocketProvider15,
  '2.1': WebsocketProvider21,
  '3.0': WebsocketProvider30,
  '3.1': WebsocketProvider,
} as const;
export type StockVersion = keyof typeof stockProviders;

export interface ClientSettings {
  /** As `ServerProcess.yjs` gives it. */
  readonly url: string;
  readonly document: string;
  readonly version?: StockVersion;
  readonly clientID?: number;
  readonly token?: string;
}

export class StockClient implements Disposable {
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;

  constructor({ url, document, version = '3.1', clientID, token }: ClientSettings) {
    if (clientID !== undefined) this.doc.clientID = clientID;
    // The providers of all versions have the shape that is used here.
    const Provider = stockProviders[version] as typeof WebsocketProvider;
    // BroadcastChannel would join clients of one process behind the server's back.
    this.provider = new Provider(url, document, this.doc, {
      disableBc: true,
      maxBackoffTime: 200,
      params: token === undefined ? {} : { token },
    });
  }

  get text(): Y.Text {
    return this.doc.getText('content');
  }

  async synced(): Promise<this> {
    await until('the client is synced', () => this.provider.synced);
    return this;
  }

  [Symbol.dispose](): void {
    this.provider.destroy();
    this.doc.destroy();
  }
}
