// Somebody who types lines into a document at one replica and keeps which of them were acknowledged: through the client SDK, or with
// a stock y-websocket client, for whom the echo is the acknowledgement.
import * as Y from 'yjs';
import type { Replica } from './replica.ts';
import { SdkClient } from './sdk-client.ts';
import { until } from './until.ts';
import { WatchedClient } from './witness.ts';

export interface Typing {
  readonly replica: Pick<Replica, 'name' | 'server'>;
  readonly document: string;
  /** Of a typist: the lines of all are told apart by it. */
  readonly name: string;
}

export abstract class Typist implements AsyncDisposable {
  readonly name: string;
  readonly replica: string;
  readonly document: string;
  readonly #typed: string[] = [];

  constructor({ replica, document, name }: Typing) {
    this.name = name;
    this.replica = replica.name;
    this.document = document;
  }

  abstract get doc(): Y.Doc;

  /** The lines that were acknowledged. */
  abstract get acknowledged(): ReadonlySet<string>;

  abstract synced(): Promise<void>;

  abstract [Symbol.asyncDispose](): Promise<void>;

  get typed(): readonly string[] {
    return this.#typed;
  }

  get text(): string {
    return this.doc.getText('content').toJSON();
  }

  /** Types a line behind what is there. */
  type(): void {
    const line = `${this.name}.${this.#typed.length}`;
    this.#typed.push(line);
    const text = this.doc.getText('content');
    text.insert(text.length, `[${line}]`);
    this.told(line);
  }

  /** Resolves when every line was acknowledged. */
  async saved(timeoutMs?: number): Promise<void> {
    await until(
      `what ${this.name} has typed is acknowledged`,
      () => this.acknowledged.size === this.#typed.length,
      timeoutMs,
    );
  }

  /** A line is in the document. */
  protected abstract told(line: string): void;
}

export class SdkTypist extends Typist {
  readonly #client: SdkClient;
  readonly #notes: ReturnType<SdkClient['open']>;
  readonly #acknowledged = new Set<string>();

  constructor(typing: Typing) {
    super(typing);
    this.#client = new SdkClient({ url: typing.replica.server.sync });
    this.#notes = this.#client.open(typing.document);
  }

  get doc(): Y.Doc {
    return this.#notes.doc;
  }

  get status(): ReturnType<SdkClient['open']>['status'] {
    return this.#notes.status;
  }

  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  async synced(): Promise<void> {
    await this.#notes.synced();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.client.close({ savedWithinMs: 0 });
  }

  protected told(line: string): void {
    // One that is refused, or closed before, was not.
    this.#notes.saved().then(
      () => this.#acknowledged.add(line),
      () => {},
    );
  }
}

export class StockTypist extends Typist {
  readonly #client: WatchedClient;
  readonly #acknowledged = new Set<string>();
  /** Lines that are not acknowledged, each with the clock that the author has after it. */
  #waiting: { readonly line: string; readonly clock: number }[] = [];

  constructor(typing: Typing) {
    super(typing);
    this.#client = new WatchedClient({ url: typing.replica.server.yjs, document: typing.document });
  }

  get doc(): Y.Doc {
    return this.#client.doc;
  }

  get acknowledged(): ReadonlySet<string> {
    const confirmed = this.#client.confirmed(this.doc.clientID);
    this.#waiting = this.#waiting.filter(({ line, clock }) => {
      if (clock > confirmed) return true;
      this.#acknowledged.add(line);
      return false;
    });
    return this.#acknowledged;
  }

  /** Says that one is there, if a state is given; gives what all are seen to say. */
  present(state?: Record<string, unknown>): Record<string, unknown>[] {
    const { awareness } = this.#client.provider;
    if (state) awareness.setLocalState(state);
    return [...awareness.getStates().values()];
  }

  async synced(): Promise<void> {
    await this.#client.synced();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
  }

  protected told(line: string): void {
    this.#waiting.push({ line, clock: Y.getState(this.doc.store, this.doc.clientID) });
  }
}

/** The lines that are in a text. */
export function linesOf(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/\[([^[\]]+)\]/g), ([, line]) => line!));
}
