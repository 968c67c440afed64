// The load of the opening measurement: one document that somebody has open all the time, and clients that open it one after
// the other and go.
import { setTimeout as delay } from 'node:timers/promises';
import * as Y from 'yjs';
import { answerCommands } from './commands.ts';
import { Connection } from './connection.ts';
import { editedDocument } from './edited-document.ts';
import type { Target } from './target.ts';

export type OpenCommand =
  | { readonly do: 'load'; readonly target: Target }
  | { readonly do: 'open'; readonly times: number; readonly as: Visitor };

/** A client that has nothing, or one that was here before and has everything. */
type Visitor = 'fresh' | 'resumed';

export interface OpenReport {
  /** From the first byte of a connection to the last of the document. */
  readonly openMs: readonly number[];
  /** Payload of frames of all openings, greetings included. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

const document = 'opened';
/** The server's part of the last goodbye is its work all the same. */
const settleMs = 250;

const edited = editedDocument();
/** Keeps the document in the server's memory: without anybody a server may put it away, or lose it. */
let keeper: Connection;
let target: Target;

answerCommands((command: OpenCommand) => (command.do === 'load' ? load(command.target) : open(command)));

/** Gives the size of the document as an update. */
async function load(where: Target): Promise<number> {
  target = where;
  const writer = await Connection.open(target, document);
  const held = new Y.Doc();
  const received = new Promise<void>((resolve) => {
    const onUpdates = (updates: readonly Uint8Array[]): void => {
      for (const update of updates) Y.applyUpdate(held, update);
      if (held.getText('text').toJSON() === edited.text) resolve();
    };
    void Connection.open(target, document, { onUpdates }).then((connection) => {
      keeper = connection;
      writer.type([edited.update]);
    });
  });
  await received;
  keeper.onUpdates = () => {};
  await writer.socket.close();
  return edited.update.length;
}

async function open({ times, as }: Extract<OpenCommand, { do: 'open' }>): Promise<OpenReport> {
  const openMs: number[] = [];
  let bytesUp = 0;
  let bytesDown = 0;
  for (let time = 0; time < times; time += 1) {
    const updates: Uint8Array[] = [];
    const start = performance.now();
    const { socket } = await Connection.open(target, document, {
      ...(as === 'resumed' ? { resumed: keeper.speaker } : {}),
      onUpdates: (more) => updates.push(...more),
    });
    openMs.push(performance.now() - start);
    // Once is enough, and takes as long as a hundred openings.
    if (time === 0) expectDocument(updates, as);
    bytesUp += socket.sentBytes;
    bytesDown += socket.receivedBytes;
    await socket.close();
  }
  await delay(settleMs);
  return { openMs, bytesUp, bytesDown };
}

function expectDocument(updates: readonly Uint8Array[], as: Visitor): void {
  const doc = new Y.Doc();
  doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
  const isRight = as === 'fresh' ? doc.getText('text').toJSON() === edited.text : updates.length === 0;
  if (!isRight) throw new Error('a client was not sent what it lacked, and no more');
}
