// The load of the replication measurement: so many updates a second, however fast the servers are, at moments that are as
// irregular as those of people who type independently. Writers and readers are in this one process, whose clock they share.
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { answerCommands } from './commands.ts';
import { Connection } from './connection.ts';
import { SteadyDocument } from './steady-document.ts';
import type { Target } from './target.ts';
import { typing } from './typing.ts';

export type SteadyCommand =
  | {
      readonly do: 'join';
      readonly writer: Target;
      readonly readers: readonly Target[];
      readonly documents: number;
      /** All that will be typed, in all documents together. */
      readonly updates: number;
    }
  | { readonly do: 'type'; readonly updates: number; readonly perSecond: number };

/** Of each update how long it took, and of each reader where it is about seeing it. */
export interface SteadyReport {
  readonly sentToSeenMs: readonly number[];
  /** Empty for dialects that do not say what is stored. */
  readonly sentToStoredMs: readonly number[];
  readonly storedToSeenMs: readonly number[];
}

const seed = 20_261_124;
/** Work that a server puts off past the last delivery is its work all the same. */
const settleMs = 250;

const random = new SeededRandom(seed);
let isAcknowledged = false;
const documents: SteadyDocument[] = [];
/** Into which document each update goes; taken from the end. */
let plan: number[] = [];

answerCommands((command: SteadyCommand) => (command.do === 'join' ? join(command) : type(command)));

async function join(command: Extract<SteadyCommand, { do: 'join' }>): Promise<void> {
  plan = Array.from({ length: command.updates }, () => random.below(command.documents));
  for (let at = 0; at < command.documents; at += 1) {
    const name = `steady-${at}`;
    const readers: Connection[] = [];
    for (const target of command.readers) readers.push(await Connection.open(target, name));
    const writer = await Connection.open(command.writer, name);
    isAcknowledged = writer.socket.dialect.acknowledges;
    const count = plan.filter((document) => document === at).length;
    documents.push(new SteadyDocument({ writer, readers }, typing(at, count)));
  }
}

async function type({ updates, perSecond }: Extract<SteadyCommand, { do: 'type' }>): Promise<SteadyReport> {
  const first = documents.map(({ sent }) => sent);
  let dueMs = performance.now();
  for (let typed = 0; typed < updates; typed += 1) {
    dueMs += pauseMs(perSecond);
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    documents[plan.pop()!]!.type();
  }
  await until('every update is stored and seen', () => documents.every(({ isSettled }) => isSettled));
  await delay(settleMs);
  const took = (from: 'sent' | 'stored', to: 'stored' | 'seen'): number[] =>
    documents.flatMap((document, at) => document.tookMs(from, to, first[at]!));
  return {
    sentToSeenMs: took('sent', 'seen'),
    sentToStoredMs: isAcknowledged ? took('sent', 'stored') : [],
    storedToSeenMs: isAcknowledged ? took('stored', 'seen') : [],
  };
}

/** Between two of many independent events that happen so often together. */
function pauseMs(perSecond: number): number {
  const fraction = (random.word() + 1) / 2 ** 32;
  return (-Math.log(fraction) * 1_000) / perSecond;
}
