// The load of the idle measurement: connections that do what a stock client does when a person opens a
// document, makes one edit and then looks at it.
import { answerCommands } from './commands.ts';
import { Connection } from './connection.ts';
import type { Target } from './target.ts';
import { typing } from './typing.ts';

export interface IdleCommand {
  readonly target: Target;
  /** How many connections there are to be, each on a document of its own. */
  readonly connections: number;
  readonly awareness: boolean;
}

/** Handshakes under way at a time, below the accept queue of a listening socket. */
const openAtOnce = 100;

const cursor = new TextEncoder().encode(
  JSON.stringify({ user: { name: 'Ada', color: '#30bced' }, cursor: { anchor: 1, head: 1 } }),
);

const connections: Connection[] = [];

answerCommands(async ({ target, connections: wanted, awareness }: IdleCommand) => {
  while (connections.length < wanted) {
    const first = connections.length;
    const count = Math.min(openAtOnce, wanted - first);
    const opened = await Promise.all(
      Array.from({ length: count }, (_, at) => Connection.open(target, `idle-${first + at}`)),
    );
    opened.forEach((connection, at) => edit(connection, first + at, awareness));
    connections.push(...opened);
  }
});

function edit(connection: Connection, writer: number, awareness: boolean): void {
  const { client, updates } = typing(writer, 1);
  connection.type(updates);
  if (awareness) connection.show({ client, clock: 1, state: cursor });
}
