// Two people type a whole text at once, one through the SDK and one through a stock client, while the server is killed
// again and again.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { Desk } from '../support/desk.ts';
import { SdkClient, textOf } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { readTrace } from '../support/trace.ts';
import type { Seat } from '../support/typed.ts';
import { until } from '../support/until.ts';
import { WatchedClient } from '../support/witness.ts';

const document = 'notes/by friends';
const kills = 12;
const trace = readTrace();

/** An author's seat at the SDK: while something has been typed it asks for everything in the document to be saved. */
class SdkSeat extends SdkClient implements Seat {
  readonly notes = this.open(document);
  /** All that was in the document when the latest `saved` was called that has resolved. */
  saved: Uint8Array = Y.encodeStateAsUpdate(this.doc);
  resolved = 0;
  #savedClocks: ReadonlyMap<number, number> = new Map();
  #isAsking = false;
  #hasTyped = false;

  get doc(): Y.Doc {
    return this.notes.doc;
  }

  confirmed(author: number): number {
    return this.#savedClocks.get(author) ?? 0;
  }

  typed(): void {
    this.#hasTyped = true;
    if (!this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#hasTyped) {
      this.#hasTyped = false;
      const everything = Y.encodeStateAsUpdate(this.doc);
      const clocks = Y.decodeStateVector(Y.encodeStateVector(this.doc));
      await this.notes.saved();
      this.saved = everything;
      this.#savedClocks = clocks;
      this.resolved++;
    }
    this.#isAsking = false;
  }
}

it(`[SDK1] [DUR7] [SDK3] [CNV1] an app and a stock client write a text (${trace.origin}), and nothing that was saved is lost by ${kills} kills`, async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  await using anna = new SdkSeat({ url: running.server.sync });
  using ben = new WatchedClient({ url: running.server.yjs, document });
  const desk = new Desk([anna, ben], trace, [1, 2]);
  expect(desk.content).toBe(trace.endContent ?? desk.content);
  const progress: number[] = [];
  let interrupted = 0;
  const hasInFlight = (): boolean =>
    ben.provider.synced && anna.notes.status.downloads.state === 'current' && desk.unconfirmed[0]! > 0;

  for (let kill = 1; kill <= kills; kill++) {
    await desk.type((trace.transactions.length * kill) / (kills + 1), hasInFlight);
    await running.server.end('SIGKILL');
    await until('both see it gone', () => !ben.provider.wsconnected);
    await anna.reaches('waiting');
    if (!anna.notes.status.uploads.isSaved) interrupted++;
    progress.push(anna.resolved);
    expect(containsAll(storedDocument(folder.path, document), [anna.saved])).toBe(true);
    running.server = await running.server.restart();
  }
  await desk.type(trace.transactions.length);
  await until('both hold the whole text', () => desk.hasEnded());
  await anna.notes.saved();
  await using cleo = new SdkClient({ url: running.server.sync });
  const read = cleo.open(document);
  await read.synced();
  expect(textOf(read)).toBe(desk.content);
  // An acknowledgement may come before the kill that was meant to come before it, but not each time.
  expect(interrupted).toBeGreaterThan(0);
  // Each kill came upon a server that had acknowledged something since the one before.
  expect(new Set(progress).size).toBe(kills);
  await until('anna has been told of everything', () => desk.unconfirmed.every((clocks) => clocks === 0));
  expect(anna.reported).toEqual([]);
  await running.server.end('SIGKILL');
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe(desk.content);
});
