// What every simulated client needs of the run that it is in.
import type { SeededRandom } from '../../support/random.ts';
import type { Authors } from '../oracle/authors.ts';
import type { Holders } from '../oracle/holders.ts';
import type { Truth } from '../oracle/truth.ts';
import type { Network, Station } from '../world/network.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import type { Schedule } from '../world/schedule.ts';
import type { Trace } from '../world/trace.ts';

export interface ClientSurroundings {
  readonly schedule: Schedule;
  readonly network: Pick<Network, 'connect' | 'links'>;
  readonly random: SeededRandom;
  readonly authors: Authors;
  /** Of the server that has let it in last. */
  readonly truth: Truth;
  /** Called when one has. */
  readonly welcomed?: () => void;
  /** Who holds what on all replicas, where a client asks for that. */
  readonly holders?: Holders | undefined;
  readonly trace: Trace;
  readonly paths: RarePaths;
  /** Whether something is on the disk of which the server has not heard. */
  readonly hasUntold: () => boolean;
  /** A client id that nobody else has. */
  readonly newClientId: () => number;
  readonly fail: (error: unknown) => void;
}

/** What the driver does with a client of either kind. */
export interface SimulatedClient extends Station {
  isOffline: boolean;
  /** Does one thing that a user does, or that happens to a user. */
  act(): void;
  /** Is without a network for so long. */
  goOffline(forMs: number): void;
  /** There is a network again. */
  online(): void;
  /** Opens what it has to have open at the end. */
  heal(): void;
  /** Why what it has does not agree with the disk yet; undefined if it does. What has been deleted there is looked away from. */
  whyNotSettled(isThere: (name: string) => boolean): string | undefined;
  /** What it shows of its documents, by name. */
  contents(): [name: string, content: string][];
  /** Says in every document that it is here, or that it is not. */
  appear(isPresent: boolean): void;
  /** The others whom it takes for present in a document. */
  others(name: string): number[];
  close(): void;
  /** Is gone without a word. */
  vanish(): void;
}
