// A replica's data folder while no server runs on it: documents are put in through the journal itself, as fast as it takes them.
import { ClusterSecret } from '@syncline/server/auth/cluster-secret.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { PeerMemories } from '@syncline/server/replication/peer-memory.ts';
import { hexOf } from '@syncline/server/replication/replica-id.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';

/** Of a cluster without a key, by its name where none is given. */
const digestKey = new ClusterSecret(new Uint8Array(0)).digestKey('default');
const draftsAtOnce = 2_000;

export class OfflineReplica implements AsyncDisposable {
  readonly journal: SqliteJournal;
  readonly #engine = new YjsEngine(digestKey);

  private constructor(journal: SqliteJournal) {
    this.journal = journal;
  }

  static async open(folder: string): Promise<OfflineReplica> {
    const journal = await SqliteJournal.open({
      folder,
      durability: 'normal',
      digestKey,
      onFatal: (error) => {
        throw error;
      },
      onCommit: () => {},
    });
    return new OfflineReplica(journal);
  }

  /** Somebody types the same into each of these documents. */
  async type(names: readonly string[], letters: string): Promise<void> {
    const update = typed(letters);
    for (let at = 0; at < names.length; at += draftsAtOnce)
      await Promise.all(names.slice(at, at + draftsAtOnce).map((name) => this.#append(name, update)));
  }

  /** Remembers that everything of another replica was read, up to its head: what it has and this one lacks is in no feed any more. */
  async hasReadAllOf({ journal: { replica, epoch, lastSequence } }: OfflineReplica): Promise<void> {
    const memories = new PeerMemories(this.journal);
    await memories.read();
    const memory = memories.of(hexOf(replica));
    memory.checkpoint = { epoch, position: lastSequence, headSeen: lastSequence };
    await memories.write(memory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.stop();
    await this.journal.stop();
  }

  async #append(text: string, update: Uint8Array): Promise<void> {
    const name = documentName(text);
    const head = await this.journal.head(name);
    const tail = head?.tail.flatMap(({ updates }) => updates) ?? [];
    const version = await this.#engine.version(head?.snapshot?.version, [...tail, update]);
    await this.journal.append(name, () => ({
      document: head?.document,
      engine: this.#engine.name,
      previous: head?.sequence ?? 0,
      updates: [update],
      digest: version.digest(),
      incarnation: head?.incarnation ?? 1,
    }));
  }
}

/** The first update of somebody new. */
function typed(letters: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, letters);
  return Y.encodeStateAsUpdate(doc);
}
