// People who edit one Automerge document while their links are cut, the server is killed, and some of them come back later with a
// copy that they kept: drawn from a seed.
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as A from '@automerge/automerge';
import { expect, it } from 'vitest';
import {
  begun,
  BothClient,
  type Notes,
  type NotesDocument,
  storedNotes,
} from '../support/automerge-client.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
const seed = Number(process.env['TURMOIL_SEED'] ?? randomInt(2 ** 31));
const rounds = Number(process.env['TURMOIL_ROUNDS'] ?? 8);

/** Somebody at a client behind a link of their own. */
class Person implements AsyncDisposable {
  readonly link: SlowProxy;
  client: BothClient;
  notes: NotesDocument;
  #kept: A.Doc<Notes> | undefined;

  private constructor(link: SlowProxy, doc: A.Doc<Notes>) {
    this.link = link;
    this.client = new BothClient({ url: link.sync });
    this.notes = this.client.notes(document, doc);
  }

  static async sit(port: number, doc: A.Doc<Notes>): Promise<Person> {
    return new Person(await SlowProxy.open({ port }), doc);
  }

  act(random: SeededRandom): void {
    const kind = random.below(20);
    if (kind < 12) this.#edit(random);
    else if (kind < 14) this.link.cut();
    else if (kind < 16) this.link.down();
    else if (kind < 18) this.link.up();
    else this.#startAnew(random);
  }

  #edit(random: SeededRandom): void {
    this.notes.change((notes) => {
      const kind = random.below(4);
      if (kind === 0) notes.lines.push(letters(random));
      else if (kind === 1 && notes.lines.length > 0) notes.lines.splice(random.below(notes.lines.length), 1);
      else A.splice(notes, ['text'], random.below(notes.text.length + 1), random.below(3), letters(random));
    });
  }

  /** The app ends and begins again, with what it had kept at some time, or with what it has. */
  #startAnew(random: SeededRandom): void {
    const bytes = A.save(this.notes.current);
    const isUnsaved = !this.notes.status.uploads.isSaved;
    const { client } = this;
    this.#kept = random.oneIn(2) || isUnsaved || !this.#kept ? A.load<Notes>(bytes) : this.#kept;
    this.client = new BothClient({ url: this.link.sync });
    this.notes = this.client.notes(document, this.#kept);
    void client.client.close({ savedWithinMs: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.link[Symbol.asyncDispose]();
  }
}

function letters(random: SeededRandom): string {
  return random.below(100_000).toString(36);
}

it(`[CNV1] [SDK2] [SDK3] [SDK4] whatever is cut and killed, all end with one document (TURMOIL_SEED=${seed})`, async () => {
  const random = new SeededRandom(seed);
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  const start = begun();
  const { port } = running.server;
  await using anna = await Person.sit(port, start);
  await using ben = await Person.sit(port, start);
  await using cleo = await Person.sit(port, start);
  const people = [anna, ben, cleo];
  for (let round = 0; round < rounds; round++) {
    for (let acts = 0; acts < 30; acts++) {
      random.pick(people).act(random);
      if (random.oneIn(5)) await pause(random.below(20));
    }
    if (!random.oneIn(3)) continue;
    await running.server.end(random.pick(['SIGKILL', 'SIGTERM']));
    for (let acts = 0; acts < 10; acts++) random.pick(people).act(random);
    running.server = await running.server.restart();
  }
  for (const { link } of people) link.up();
  await Promise.all(people.map(({ notes }) => notes.saved()));
  await until('all agree', () =>
    people.every(({ notes }) => String(A.getHeads(notes.current)) === String(A.getHeads(anna.notes.current))),
  );
  await until('and the status says so', () =>
    people.every(({ notes: { status } }) => status.uploads.isSaved && status.downloads.state === 'current'),
  );
  expect(A.getHeads(storedNotes(folder.path, document))).toEqual(A.getHeads(anna.notes.current));
  for (const { client } of people) expect(client.reported).toEqual([]);
});
