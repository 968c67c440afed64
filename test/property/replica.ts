// The core as the server puts it together, on a real journal, engine and clock: everything but sockets.
import { systemClock } from '@syncline/server/clock/system.ts';
import { Documents } from '@syncline/server/core/documents.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { type Engine, enginesOf } from '@syncline/server/port/engine.ts';
import type { Head } from '@syncline/server/port/journal.ts';
import type { Notice, Observe } from '@syncline/server/port/observe.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import type { DocumentName } from '@syncline/shared';
import { RecordingSpeaker } from '../core/recording-speaker.ts';
import { until } from '../support/until.ts';

class Observed implements Observe {
  readonly compactions: string[] = [];
  readonly notices: Notice[] = [];

  connectionOpened(): void {}
  connectionClosed(): void {}
  frameReceived(): void {}
  frameSent(): void {}
  updateAccepted(): void {}
  updateRepeated(): void {}
  updateRefused(): void {}
  gapAsked(): void {}
  readerFellBehind(): void {}
  committed(): void {}
  scrubbed(): void {}
  documentOpened(): void {}
  documentEvicted(): void {}
  compacted(_seconds: number, outcome: string): void {
    this.compactions.push(outcome);
  }
  notice(notice: Notice): void {
    this.notices.push(notice);
  }
}

/** The one engine of a replica, under its digest key. */
type EngineOf = (digestKey: Uint8Array) => Engine;

export class Replica implements AsyncDisposable {
  readonly engine: Engine;
  readonly documents: Documents;
  readonly journal: SqliteJournal;
  readonly observed = new Observed();

  private constructor(journal: SqliteJournal, engineOf: EngineOf) {
    this.journal = journal;
    this.engine = engineOf(journal.digestKey);
    this.documents = new Documents({
      clock: systemClock,
      engines: enginesOf(this.engine),
      journal,
      observe: this.observed,
    });
  }

  static async open(
    folder: string,
    engineOf: EngineOf = (digestKey) => new YjsEngine(digestKey),
  ): Promise<Replica> {
    const onFatal = (error: Error): never => {
      throw error;
    };
    const journal = await SqliteJournal.open({ folder, durability: 'full', onFatal, onCommit: () => {} });
    return new Replica(journal, engineOf);
  }

  /** A session that has this document open, and has been sent what is there. */
  async read(name: DocumentName, request = this.engine.nothingHeld.bytes): Promise<RecordingSpeaker> {
    const speaker = new RecordingSpeaker();
    speaker.channel = this.documents.open(name, speaker, { engine: this.engine.name });
    speaker.channel.requested(request);
    await until('the reader is answered', () => speaker.of('answer').length > 0);
    return speaker;
  }

  /** Each update is an entry of its own: the next one is sent when everything before has been committed. */
  async write(speaker: RecordingSpeaker, updates: readonly Uint8Array[]): Promise<void> {
    for (const update of updates) {
      speaker.channel.update(update);
      while (this.documents.queuedBytes > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async head(name: DocumentName): Promise<Head> {
    const head = await this.journal.head(name);
    if (!head) throw new Error('the document has never been committed');
    return head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.documents.drain();
    await this.engine.stop();
    await this.journal.stop();
  }
}
