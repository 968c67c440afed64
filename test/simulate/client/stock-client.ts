// A user of y-websocket's provider, as far as its protocol shows: y-protocols' own functions on a Y.Doc, reconnecting and
// timing out as the provider does, on virtual time. One of an old version knows no code that stops it: refused, it comes again and
// again with what it has.
import type { Timer } from '@syncline/server/port/clock.ts';
import { type PresenceEntry, SyncError } from '@syncline/shared';
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import {
  createEncoder,
  length as lengthOf,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding';
import {
  messageYjsSyncStep1,
  messageYjsSyncStep2,
  readSyncMessage,
  writeSyncStep1,
  writeUpdate,
} from 'y-protocols/sync';
import * as Y from 'yjs';
import type { Link } from '../world/network.ts';
import { Life } from '../world/schedule.ts';
import { contentOf, edit, paste } from './editing.ts';
import { PresenceView, renewMs } from './presence.ts';
import type { ClientSurroundings, SimulatedClient } from './surroundings.ts';

const message = { sync: 0, presence: 1 } as const;

/** The provider's own times. */
const silenceMs = 30_000;
const lookMs = 3_000;
const maxBackoffMs = 2_500;

const maxOfflineMs = 10_000;

/** Whoever uses an old version loads the page again after so many things that he has done in vain. */
const loadsAgainTimes = 12;

export interface StockClientSettings {
  readonly name: string;
  readonly document: string;
  /** Whether it is of y-websocket 1 or 2. */
  readonly isOld: boolean;
}

export class StockClient implements SimulatedClient {
  readonly name: string;
  isOffline = false;
  readonly #document: string;
  #doc!: Y.Doc;
  #presence!: PresenceView;
  readonly #surroundings: ClientSurroundings;
  readonly #life: Life;
  #socket: Link | undefined;
  #retry: Timer | undefined;
  #isOpen = false;
  #attempts = 0;
  #heardMs = 0;
  #asked = 0;
  #isWanted = true;
  #isOld: boolean;
  /** It was refused since the document has been deleted. */
  #isStopped = false;

  constructor({ name, document, isOld }: StockClientSettings, surroundings: ClientSurroundings) {
    this.name = name;
    this.#document = document;
    this.#isOld = isOld;
    this.#surroundings = surroundings;
    this.#life = new Life(surroundings.schedule);
    this.#begin();
    this.#life.every(renewMs, () => this.#presence.renew());
    this.#life.every(lookMs, () => this.#look());
    this.#connect();
  }

  act(): void {
    const { random } = this.#surroundings;
    if (this.#isStopped && (!this.#isOld || random.oneIn(loadsAgainTimes))) return this.reload();
    const kind = random.below(60);
    if (kind < 54) edit(this.#doc, random);
    else if (kind < 55) paste(this.#doc, random);
    else if (kind < 58) this.#presence.appear();
    else this.goOffline(random.below(maxOfflineMs));
  }

  goOffline(forMs: number): void {
    this.isOffline = true;
    this.#socket?.close();
    this.#life.after(forMs, () => this.online());
  }

  online(): void {
    this.isOffline = false;
  }

  heal(): void {
    this.online();
    if (!this.#isStopped) return;
    // In a newer version, which comes to rest.
    this.#isOld = false;
    this.reload();
  }

  whyNotSettled(isThere: (name: string) => boolean): string | undefined {
    if (this.#isStopped && this.#isOld) return `${this.name} comes again and again`;
    if (!isThere(this.#document))
      return this.#isStopped ? undefined : `${this.name} has not heard that ${this.#document} is deleted`;
    return this.#isOpen ? undefined : `${this.name} is not connected`;
  }

  contents(): [name: string, content: string][] {
    return [[this.#document, contentOf(this.#doc)]];
  }

  appear(isPresent: boolean): void {
    if (isPresent) this.#presence.appear();
    else this.#presence.leave();
  }

  others(name: string): number[] {
    return name === this.#document ? this.#presence.others : [];
  }

  /** The page is loaded again: it has nothing, and is not refused. */
  reload(): void {
    this.#isStopped = false;
    this.#retry?.cancel();
    this.#socket?.close();
    this.#isOpen = false;
    this.#begin();
    this.#connect();
  }

  close(): void {
    this.#presence.leave();
    this.#isWanted = false;
    this.#socket?.close();
    this.#life.end();
  }

  vanish(): void {
    this.#isWanted = false;
    this.#life.end();
    for (const link of this.#surroundings.network.links) if (link.from === this) link.halve();
  }

  /** With nothing, as a page that has been loaded. */
  #begin(): void {
    const { newClientId, authors } = this.#surroundings;
    const doc = (this.#doc = new Y.Doc());
    doc.clientID = newClientId();
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      authors.made(doc.clientID, Y.getState(doc.store, doc.clientID));
      if (origin !== this) this.#send(message.sync, (encoder) => writeUpdate(encoder, update));
    });
    this.#presence = new PresenceView(doc.clientID, (entry) => this.#sayPresence(entry));
  }

  #connect(): void {
    if (!this.#isWanted) return;
    let hasEnded = false;
    const current = (this.#socket = this.#surroundings.network.connect(this, this.#document, {
      opened: () => {
        if (current !== this.#socket) return;
        this.#isOpen = true;
        this.#attempts = 0;
        this.#asked = 0;
        this.#heardMs = this.#life.now();
        this.#presence.forget();
        this.#send(message.sync, (encoder) => writeSyncStep1(encoder, this.#doc));
        this.#presence.again();
      },
      received: (frame) => {
        if (!this.#life.isOver && current === this.#socket)
          this.#received(frame, current.server?.incarnation);
      },
      closed: (code) => {
        if (hasEnded || current !== this.#socket) return;
        hasEnded = true;
        this.#isOpen = false;
        this.#isStopped ||= code === new SyncError('document_deleted').close;
        // The provider stops at this code, until the page is loaded again.
        if (this.#isStopped && !this.#isOld) return;
        const backoffMs = Math.min(2 ** this.#attempts++ * 100, maxBackoffMs);
        this.#retry = this.#life.after(backoffMs, () => this.#connect());
      },
    }));
  }

  /** A socket on which nothing has come for a while is given up. */
  #look(): void {
    if (!this.#isOpen || this.#life.now() - this.#heardMs < silenceMs) return;
    this.#surroundings.paths.saw('half-open stock link found by silence');
    this.#socket?.close();
  }

  #received(frame: Uint8Array, incarnation: number | undefined): void {
    this.#heardMs = this.#life.now();
    const decoder = createDecoder(frame);
    const type = readVarUint(decoder);
    if (type === message.presence) return this.#presence.heard(readPresence(readVarUint8Array(decoder)));
    const answer = createEncoder();
    writeVarUint(answer, message.sync);
    const kind = readSyncMessage(decoder, answer, this.#doc, this, (error: Error) =>
      this.#surroundings.fail(error),
    );
    if (kind !== messageYjsSyncStep1) this.#isStopped = false;
    if (incarnation !== undefined && hasContent(frame))
      this.#surroundings.authors.heard(this.#doc.clientID, incarnation);
    if (lengthOf(answer) <= 1) return;
    if (kind === messageYjsSyncStep1 && this.#asked++ > 0)
      this.#surroundings.paths.saw('stock client healed');
    if (kind !== messageYjsSyncStep2) this.#socket?.send(toUint8Array(answer));
  }

  #sayPresence({ client, clock, state }: PresenceEntry): void {
    this.#send(message.presence, (encoder) => {
      const entries = createEncoder();
      writeVarUint(entries, 1);
      writeVarUint(entries, client);
      writeVarUint(entries, clock);
      writeVarString(entries, state ? new TextDecoder().decode(state) : 'null');
      writeVarUint8Array(encoder, toUint8Array(entries));
    });
  }

  #send(type: number, write: (encoder: ReturnType<typeof createEncoder>) => void): void {
    if (!this.#isOpen) return;
    const encoder = createEncoder();
    writeVarUint(encoder, type);
    write(encoder);
    this.#socket?.send(toUint8Array(encoder));
  }
}

const noContent = Y.encodeStateAsUpdate(new Y.Doc());

/** Whether something of the document is in it, be it the client's own. */
function hasContent(frame: Uint8Array): boolean {
  const decoder = createDecoder(frame);
  readVarUint(decoder);
  return readVarUint(decoder) !== messageYjsSyncStep1 && readVarUint8Array(decoder).length > noContent.length;
}

function readPresence(bytes: Uint8Array): PresenceEntry[] {
  const decoder = createDecoder(bytes);
  return Array.from({ length: readVarUint(decoder) }, () => {
    const [client, clock] = [readVarUint(decoder), readVarUint(decoder)];
    const state = readVarString(decoder);
    return { client, clock, state: state === 'null' ? undefined : new TextEncoder().encode(state) };
  });
}
