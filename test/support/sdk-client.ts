// The client SDK as an app would have it in Node, on the platform that it ships with; keeps what it reported.
import {
  type Client,
  type ConnectionOptions,
  createClient,
  type OpenOptions,
  type SyncedDocument,
} from '@syncline/client';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { until } from './until.ts';

/** A server that is back is found within a fraction of the pause that an app would make. */
const pauseFraction = 0.1;

export class SdkClient implements AsyncDisposable {
  readonly client: Client;
  /** What the application threw while it was told something. */
  readonly reported: unknown[] = [];
  sockets = 0;

  constructor(options: ConnectionOptions) {
    this.client = createClient(options, {
      ...webPlatform,
      fraction: () => Math.random() * pauseFraction,
      report: (error) => void this.reported.push(error),
      connect: (url, listener) => {
        this.sockets++;
        return webPlatform.connect(url, listener);
      },
    });
  }

  open(name: string, options: OpenOptions = {}): SyncedDocument {
    return this.client.open(name, options);
  }

  async connected(): Promise<void> {
    await this.reaches('connected');
  }

  async reaches(state: Client['connection']['state']): Promise<void> {
    await until(`the client is ${state}`, () => this.client.connection.state === state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** The text that the tests' documents have, whoever opens them. */
export function textOf({ doc }: Pick<SyncedDocument, 'doc'>): string {
  return doc.getText('content').toJSON();
}

/** Puts letters behind what is there. */
export function write({ doc }: Pick<SyncedDocument, 'doc'>, letters: string): void {
  const text = doc.getText('content');
  text.insert(text.length, letters);
}

/** Whether a promise has been resolved or rejected by now. */
export function settled(promise: Promise<unknown>): { readonly is: 'open' | 'resolved' | 'rejected' } {
  const state: { is: 'open' | 'resolved' | 'rejected' } = { is: 'open' };
  promise.then(
    () => (state.is = 'resolved'),
    () => (state.is = 'rejected'),
  );
  return state;
}
