// One document of the Automerge benchmark: somebody who types a character at a time and now and then sets a field, and somebody
// who reads it.
import { setTimeout as delay } from 'node:timers/promises';
import { type DocHandle, splice } from '@automerge/automerge-repo';
import { type Notes, RepoClient } from '../../support/automerge-repo-client.ts';
import { until } from '../../support/until.ts';

const sentence = 'the quick brown fox jumps over the lazy dog ';
/** A Repo gathers what is typed within a tenth of a second. */
const pauseMs = 120;
/** One change in so many sets a field; all others type. */
const inSetting = 10;

export class EditedPair {
  readonly #client: RepoClient;
  readonly #writer: DocHandle<Notes>;
  readonly #reader: DocHandle<Notes>;
  #edits = 0;

  private constructor(client: RepoClient, writer: DocHandle<Notes>, reader: DocHandle<Notes>) {
    this.#client = client;
    this.#writer = writer;
    this.#reader = reader;
  }

  /** `written` is what the document holds before anybody edits it. */
  static async open(url: string, written: Uint8Array): Promise<EditedPair> {
    const [client, other] = await Promise.all([
      new RepoClient({ url }).connected(),
      new RepoClient({ url }).connected(),
    ]);
    const writer = client.repo.import<Notes>(written);
    // Before that nobody else can find it.
    await until('the server has the document', () => client.isSafe(writer));
    return new EditedPair(client, writer, await other.find(writer.url));
  }

  /**
   * So many edits, each of them once the one before has come to the reader, and no sooner than a Repo sends it by itself: what is
   * typed faster it gathers.
   */
  async edit(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const seen = this.#seen();
      this.#editOnce();
      await Promise.all([seen, delay(pauseMs)]);
    }
  }

  /** Whether the reader has everything, and the writer has been told that the server has it. */
  get isSettled(): boolean {
    const [reader] = this.#reader.heads();
    const [writer] = this.#writer.heads();
    return reader === writer && this.#client.isSafe(this.#writer);
  }

  #editOnce(): void {
    const number = this.#edits;
    this.#edits += 1;
    const at = this.#writer.doc().text!.length;
    this.#writer.change((doc) => {
      if (number % inSetting === inSetting - 1) {
        doc.items!['width'] = number;
      } else {
        splice(doc, ['text'], at, 0, sentence[number % sentence.length]);
      }
    });
  }

  /** Resolves when the reader has what the writer has by then. */
  #seen(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#reader.heads()[0] !== this.#writer.heads()[0]) return;
        this.#reader.off('heads-changed', look);
        resolve();
      };
      this.#reader.on('heads-changed', look);
    });
  }
}
