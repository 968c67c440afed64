// Who uses the cluster all the while: people who stay at one replica and type, people who come, type a line into a document of their own
// and leave, and an operator who deletes documents and lets them begin anew.
import type { Replica } from '../../support/replica.ts';
import type { SeededRandom } from '../../support/random.ts';
import { SdkClient, write } from '../../support/sdk-client.ts';
import { SdkTypist, StockTypist, type Typist } from '../../support/typist.ts';

/** A line that was typed into a document of its own, of which nobody has a copy but replicas. */
interface Note {
  readonly document: string;
  /** Where it was acknowledged. */
  readonly replica: string;
}

const documents = ['shared/0', 'shared/1', 'shared/2', 'shared/3'];
const scratch = ['scratch/0', 'scratch/1', 'scratch/2', 'scratch/3', 'scratch/4', 'scratch/5'];
/** Each of those who stay types about so often, those who leave come so often, and the operator acts so often. */
const typeEveryMs = 200;
const leaveEveryMs = 150;
const operateEveryMs = 2_000;
/** Whoever leaves waits no longer than this for the acknowledgement, as nobody would. */
const patienceMs = 3_000;

export class Crowd implements AsyncDisposable {
  readonly typists: readonly Typist[];
  readonly notes: Note[] = [];
  deletions = 0;
  undeletions = 0;
  readonly #replicas: readonly Replica[];
  readonly #random: SeededRandom;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #leaving = new Set<Promise<void>>();
  #left = 0;

  private constructor(replicas: readonly Replica[], random: SeededRandom) {
    this.#replicas = replicas;
    this.#random = random;
    this.typists = replicas.flatMap((replica) =>
      documents.flatMap((document, at) => {
        const typing = { replica, document, name: `${replica.name}-${at}` };
        return at % 2 === 0 ? new SdkTypist(typing) : new StockTypist(typing);
      }),
    );
  }

  static async begin(replicas: readonly Replica[], random: SeededRandom): Promise<Crowd> {
    const crowd = new Crowd(replicas, random);
    await Promise.all(crowd.typists.map((typist) => typist.synced()));
    for (const typist of crowd.typists) crowd.#every(typeEveryMs, () => typist.type());
    crowd.#every(leaveEveryMs, () => crowd.#leave());
    crowd.#every(operateEveryMs, () => crowd.#keep(crowd.#operate()));
    return crowd;
  }

  /** The documents of people who left when this replica had acknowledged theirs. */
  acknowledgedBy(name: string): string[] {
    return this.notes.filter(({ replica }) => replica === name).map(({ document }) => document);
  }

  /** Resolves when those who are about to leave now have left. */
  async nobodyLeaves(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /**
   * Resolves when nobody types any more, and everything that was typed with the SDK by those who stay is acknowledged. A stock client
   * has only the echo: what a server got from elsewhere, or had committed before it was killed, is never echoed.
   */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.nobodyLeaves();
    const typists = this.typists.filter((typist) => typist instanceof SdkTypist);
    await Promise.all(typists.map((typist) => typist.saved(60_000)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.typists.map((typist) => typist[Symbol.asyncDispose]()));
  }

  #every(periodMs: number, action: () => void): void {
    this.#timers.push(setInterval(action, periodMs * (0.8 + this.#random.below(400) / 1_000)));
  }

  #leave(): void {
    const replica = this.#random.pick(this.#replicas);
    if (!replica.isUp) return;
    this.#keep(this.#visit(replica, `left/${this.#left++}`));
  }

  async #visit(replica: Replica, document: string): Promise<void> {
    const client = new SdkClient({ url: replica.server.sync });
    const notes = client.open(document);
    write(notes, document);
    const isSaved = await Promise.race([
      notes.saved().then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => setTimeout(resolve, patienceMs, false)),
    ]);
    if (isSaved) this.notes.push({ document, replica: replica.name });
    await client.client.close({ savedWithinMs: 0 });
  }

  async #operate(): Promise<void> {
    const replica = this.#random.pick(this.#replicas);
    if (!replica.isUp) return;
    const name = encodeURIComponent(this.#random.pick(scratch));
    const isDeletion = this.#random.oneIn(2);
    const path = `${replica.server.http}/v1/documents/${name}${isDeletion ? '' : '/undelete'}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(path, { method: isDeletion ? 'DELETE' : 'POST', headers }).catch(
      () => undefined,
    );
    if (!answer) return;
    if (answer.ok && isDeletion) this.deletions++;
    else if (answer.ok) this.undeletions++;
    // There was none, or it is there: somebody writes into it.
    else await this.#scribble(replica, decodeURIComponent(name));
  }

  async #scribble(replica: Replica, document: string): Promise<void> {
    if (!replica.isUp) return;
    const client = new SdkClient({ url: replica.server.sync });
    write(client.open(document), 'scribble ');
    await client.client.close({ savedWithinMs: patienceMs });
  }

  #keep(work: Promise<void>): void {
    this.#leaving.add(work);
    void work.finally(() => this.#leaving.delete(work));
  }
}
