// The load of the burst: documents with a writer and a reader each, in a process of its own so that no
// client's work is taken for the server's.
import { setTimeout as delay } from 'node:timers/promises';
import { answerCommands } from './commands.ts';
import { Pair } from './pair.ts';
import { Roles } from './roles.ts';
import type { Socket } from './socket.ts';
import type { Target } from './target.ts';
import { typing } from './typing.ts';

export type BurstCommand =
  | { readonly do: 'join'; readonly target: Target; readonly documents: number; readonly updates: number }
  | { readonly do: 'type'; readonly through: number };

export interface BurstReport {
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
  /** What the server sent to writers and readers, in frames and in their payload. */
  readonly frames: number;
  readonly bytes: number;
}

/** Work that a server puts off past the last delivery, such as the echoes to writers, is its work all the same. */
const settleMs = 250;

let sockets: readonly Socket[] = [];
const pairs: Pair[] = [];

answerCommands((command: BurstCommand) => (command.do === 'join' ? join(command) : type(command.through)));

async function join({ target, documents, updates }: Extract<BurstCommand, { do: 'join' }>): Promise<void> {
  const roles = new Roles(target);
  sockets = roles.sockets;
  for (let at = 0; at < documents; at += 1) {
    const document = `burst-${at}`;
    const reader = await roles.join('reader', document);
    const writer = await roles.join('writer', document);
    pairs.push(new Pair({ reader, writer }, typing(at, updates)));
  }
}

async function type(through: number): Promise<BurstReport> {
  const before = received();
  const start = performance.now();
  await Promise.all(pairs.map((pair) => pair.typeThrough(through)));
  const wallMs = performance.now() - start;
  await delay(settleMs);
  const after = received();
  return {
    wallMs,
    latenciesMs: pairs.flatMap((pair) => pair.latenciesMs),
    frames: after.frames - before.frames,
    bytes: after.bytes - before.bytes,
  };
}

function received(): { frames: number; bytes: number } {
  return {
    frames: sockets.reduce((sum, { receivedFrames }) => sum + receivedFrames, 0),
    bytes: sockets.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
  };
}
