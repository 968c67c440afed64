// Where a load program sends its load. This, and the commands, are what crosses between the processes.
import type { DialectName } from '../dialect/dialects.ts';

export interface Target {
  readonly dialect: DialectName;
  /** `ws://127.0.0.1:PORT`, with a path where the server wants one. */
  readonly server: string;
  /** Whether all documents of a role are on one socket, for dialects that can. */
  readonly isShared: boolean;
}
