// A large document over a slow link, down and up, with what the status said on the way.
import type { SyncedDocument } from '@syncline/client';
import { SdkClient, textOf } from '../support/sdk-client.ts';
import type { ServerProcess } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';

const document = 'a large document';
/** Pages of about this many letters are pasted one after the other. */
const pageLetters = 20_000;

export interface Passage {
  readonly connections: number;
  readonly seconds: number;
  /** Downwards the bytes received, upwards those not yet acknowledged, each time that the status changed. */
  readonly progress: readonly number[];
  /** What the server announced; 0 upwards. */
  readonly announcedBytes: number;
  readonly text: string;
}

export interface Link {
  readonly server: ServerProcess;
  readonly bytesPerSecond: number;
}

/** Writes so many bytes at the server's own side; gives the text. */
export async function fill(server: ServerProcess, bytes: number): Promise<string> {
  await using author = new SdkClient({ url: server.sync });
  const notes = author.open(document);
  for (const page of pages(bytes)) {
    append(notes, page);
    await notes.saved();
  }
  return textOf(notes);
}

/** Opens the document over the link. */
export async function download({ server, bytesPerSecond }: Link): Promise<Passage> {
  await using link = await SlowProxy.open({ port: server.port, bytesPerSecond });
  await using reader = new SdkClient({ url: link.sync });
  const began = performance.now();
  const notes = reader.open(document);
  const progress: number[] = [];
  let announcedBytes = 0;
  notes.onStatus(({ downloads }) => {
    if (downloads.state !== 'catching-up') return;
    announcedBytes = downloads.bytes;
    progress.push(downloads.received);
  });
  await notes.synced();
  return { ...passage(link, began), progress, announcedBytes, text: textOf(notes) };
}

/** Sends what was typed before there was a connection over the link. */
export async function upload({ server, bytesPerSecond }: Link, bytes: number): Promise<Passage> {
  await using link = await SlowProxy.open({ port: server.port, bytesPerSecond });
  await using author = new SdkClient({ url: link.sync });
  const notes = author.open(`${document}, sent`);
  for (const page of pages(bytes)) append(notes, page);
  const began = performance.now();
  const progress: number[] = [];
  notes.onStatus(({ uploads }) => progress.push(uploads.bytes));
  await notes.saved();
  return { ...passage(link, began), progress, announcedBytes: 0, text: textOf(notes) };
}

function passage({ connections }: SlowProxy, began: number): Pick<Passage, 'connections' | 'seconds'> {
  return { connections, seconds: (performance.now() - began) / 1_000 };
}

function append({ doc }: SyncedDocument, page: string): void {
  const text = doc.getText('content');
  text.insert(text.length, page);
}

function* pages(bytes: number): Generator<string> {
  for (let left = bytes, page = 1; left > 0; left -= pageLetters, page++) {
    const line = `A line of page ${page}.\n`;
    yield line.repeat(Math.ceil(Math.min(left, pageLetters) / line.length));
  }
}
