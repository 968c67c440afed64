// What can be handed to somebody who looks for a fault: how things stood, and the messages, without a letter of any document or token.
import type { ClientStatus, ConnectionState, DocumentStatus } from '../../src/index.ts';
import { hex } from './facts.ts';
import type { Frame } from './frame-log.ts';
import type { Switches } from './switches.ts';

export interface Standing {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** What of it is a time is by the clock of the page, which read `clockMs` then. */
  readonly clockMs: number;
  readonly switches: Switches;
  readonly client: object;
  /** The one that is shown. */
  readonly document: object | undefined;
}

/** Changes of the status that are remembered. */
const maxStandings = 200;

export class History {
  readonly #standings: Standing[] = [];
  #lastText = '';

  /** Oldest first. */
  get standings(): readonly Standing[] {
    return this.#standings;
  }

  /** Unless everything is as it was. */
  add(standing: Standing): void {
    const text = JSON.stringify([standing.switches, standing.client, standing.document]);
    if (text === this.#lastText) return;
    this.#lastText = text;
    this.#standings.push(standing);
    if (this.#standings.length > maxStandings) this.#standings.shift();
  }
}

/** A status as JSON can hold it. */
export function plainOf(status: ClientStatus | DocumentStatus): object {
  return plain({ ...status, connection: plainConnection(status.connection) }) as object;
}

export function recordingOf(standings: readonly Standing[], frames: readonly Frame[]): string {
  return `${JSON.stringify({ standings, frames }, null, 2)}\n`;
}

function plainConnection(connection: ConnectionState): object {
  if (connection.state !== 'connected') return connection;
  const { replica, epoch, ...server } = connection.server;
  return { ...connection, server: { ...server, replica: hex(replica), epoch: hex(epoch) } };
}

/** Of an error only the code: its message may quote what was typed. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return { code: (value as Error & { code?: unknown }).code };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
