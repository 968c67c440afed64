// The core with everything around it in the test's hands: time, the journal's commits, and the sessions.
import { Documents } from '@syncline/server/core/documents.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { type Engine, enginesOf } from '@syncline/server/port/engine.ts';
import type { Notice, Observe } from '@syncline/server/port/observe.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';
import { HeldJournal } from './held-journal.ts';
import { RecordingSpeaker } from './recording-speaker.ts';

/** What a reader says that has nothing. */
export const nothingHeld = Uint8Array.of(0);

/** Counts what the core tells of itself. */
class Observed implements Observe {
  framesReceived = 0;
  accepted = 0;
  repeated = 0;
  gapsAsked = 0;
  fellBehind = 0;
  evicted = 0;
  readonly refusals: string[] = [];
  readonly compactions: string[] = [];
  readonly scrubs: string[] = [];
  readonly notices: Notice[] = [];

  connectionOpened(): void {}
  connectionClosed(): void {}
  frameSent(): void {}
  committed(): void {}
  documentOpened(): void {}
  frameReceived(): void {
    this.framesReceived++;
  }
  updateAccepted(): void {
    this.accepted++;
  }
  updateRepeated(): void {
    this.repeated++;
  }
  updateRefused(code: string): void {
    this.refusals.push(code);
  }
  gapAsked(): void {
    this.gapsAsked++;
  }
  readerFellBehind(): void {
    this.fellBehind++;
  }
  compacted(_seconds: number, outcome: string): void {
    this.compactions.push(outcome);
  }
  scrubbed(outcome: string): void {
    this.scrubs.push(outcome);
  }
  documentEvicted(): void {
    this.evicted++;
  }
  notice(notice: Notice): void {
    this.notices.push(notice);
  }
}

export class Core implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly journal = new HeldJournal();
  readonly observed = new Observed();
  readonly engine: Engine;
  readonly documents: Documents;

  /** `engine` is the one in whose words sessions speak; documents may be of the others too. */
  constructor(engine?: Engine, ...others: readonly Engine[]) {
    this.engine = engine ?? new YjsEngine(this.journal.digestKey);
    const { clock, journal, observed } = this;
    this.documents = new Documents({
      clock,
      journal,
      observe: observed,
      engines: enginesOf(this.engine, ...others),
    });
  }

  /** Opens a document and says nothing; resolves when the session was asked for what it has. */
  async open(name = 'notes'): Promise<RecordingSpeaker> {
    const speaker = new RecordingSpeaker();
    speaker.channel = this.documents.open(documentName(name), speaker, { engine: this.engine.name });
    await until('the session was asked', () => speaker.asked.length > 0 || speaker.refused !== undefined);
    return speaker;
  }

  /** Opens a document, says what it has of it, and resolves when it has been sent the rest. */
  async join(name = 'notes', request = this.engine.nothingHeld.bytes): Promise<RecordingSpeaker> {
    const speaker = await this.open(name);
    speaker.channel.requested(request);
    await until('the session is answered', () => speaker.of('answer').length > 0);
    return speaker;
  }

  /** Has an update of a session committed by itself. */
  async commit(speaker: RecordingSpeaker, update: Uint8Array): Promise<void> {
    const before = this.observed.accepted;
    speaker.channel.update(update);
    while (this.observed.accepted === before) {
      if (speaker.refused) throw speaker.refused;
      await new Promise(setImmediate);
    }
  }

  async committed(updates: number): Promise<void> {
    await until(`${updates} updates are committed`, () => this.observed.accepted >= updates);
  }

  async compacted(times: number): Promise<void> {
    await until(`${times} compactions have ended`, () => this.observed.compactions.length >= times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.journal.releaseAll();
    await this.documents.drain();
    await this.engine.stop();
  }
}

/** A document that is edited here and whose updates are kept. */
export class Author {
  readonly document = new Y.Doc();
  readonly updates: Uint8Array[] = [];

  constructor(clientID: number) {
    this.document.clientID = clientID;
    this.document.on('update', (update: Uint8Array) => this.updates.push(update));
  }

  /** Appends to the text; gives the update. */
  type(typed: string): Uint8Array {
    const text = this.document.getText('content');
    text.insert(text.length, typed);
    return this.updates.at(-1)!;
  }

  /** Deletes from the text; gives the update. */
  erase(at: number, length: number): Uint8Array {
    this.document.getText('content').delete(at, length);
    return this.updates.at(-1)!;
  }

  get text(): string {
    return this.document.getText('content').toJSON();
  }

  get stateVector(): Uint8Array {
    return Y.encodeStateVector(this.document);
  }
}

/** A string that does not repeat itself within any test; letters, so that one is one byte. */
export function letters(count: number): string {
  return Array.from({ length: count }, (_, at) => String.fromCharCode(97 + ((at * 7) % 26))).join('');
}
