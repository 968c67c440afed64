// Where a load program sends its load. This, and the commands, are what crosses between the processes.
import type { DialectName } from '../dialect/dialects.ts';

export interface Target {
  readonly dialect: DialectName;
  /** `ws://127.0.0.1:PORT`, with a path where the server wants one before the document. */
  readonly server: string;
}
