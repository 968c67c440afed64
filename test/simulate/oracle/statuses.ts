// O12: no entry that another replica has not confirmed is told to be older than it is, and in the end everybody knows that everybody
// holds everything. O14: an audit finds two replicas equal exactly when they are.
import { CommitFailed, CorruptRow } from '@syncline/server/port/journal.ts';
import type { Replication } from '@syncline/server/replication/replication.ts';
import { hexOf, isSame } from '@syncline/server/replication/replica-id.ts';
import { compareLives } from '@syncline/server/core/visit.ts';
import type { Machine } from '../world/machine.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import type { ServerProcess } from '../world/server-process.ts';
import { expectThat } from './violation.ts';

type Status = Awaited<ReturnType<Replication['status']>>;

/** Marks of commits are this coarse, and a status takes a while to be put together. */
const toleranceMs = 1_500;

interface Watched {
  readonly server: ServerProcess;
  readonly sinceMs: number;
  /** When each entry of this process was committed, as far as it has heard. */
  readonly commits: Map<number, number>;
  last: Status | undefined;
}

export interface StatusesSettings {
  readonly now: () => number;
  readonly machines: readonly Machine[];
  /** Whether a copy of it is running. */
  readonly isCopied: (machine: Machine) => boolean;
  readonly paths: RarePaths;
  readonly fail: (error: unknown) => void;
}

export class Statuses {
  readonly #settings: StatusesSettings;
  readonly #watched = new Map<Machine, Watched>();

  constructor(settings: StatusesSettings) {
    this.#settings = settings;
  }

  /** A machine's server has been started. */
  watch(machine: Machine): void {
    const server = machine.server!;
    const commits = new Map<number, number>();
    const { now } = this.#settings;
    server.documents.commits.listen(({ sequence }) => void commits.set(sequence, now()));
    this.#watched.set(machine, { server, sinceMs: now(), commits, last: undefined });
  }

  /** Asks a machine for its status, and looks at it. */
  async look(machine: Machine): Promise<void> {
    const { now, fail } = this.#settings;
    const watched = this.#watched.get(machine);
    if (!watched || watched.server !== machine.server) return;
    const askedMs = now();
    try {
      const status = await watched.server.replication.status();
      // A machine that was frozen meanwhile has put it together of two times.
      if (watched.server !== machine.server || now() - askedMs > toleranceMs) return;
      this.#countPaths(watched, status);
      this.#expectUnconfirmed(machine, watched, status);
      watched.last = status;
    } catch (error) {
      if (!isOfTheDisk(error)) fail(error);
    }
  }

  /** Once all is said every machine knows that it holds all of every other one. */
  async expectAllHeld(): Promise<void> {
    const { machines } = this.#settings;
    for (const { name, server, disk } of machines) {
      const { holdings } = await server!.replication.status();
      for (const other of machines) {
        if (other.disk === disk) continue;
        const held = holdings.find(
          ({ holder, origin }) => holder === hexOf(disk.replica) && origin === hexOf(other.disk.replica),
        );
        expectThat(
          held?.sequence === other.disk.head,
          () =>
            `O12: ${name} knows to hold ${held?.sequence ?? 'nothing'} of ${other.name}, which is at ${other.disk.head}`,
        );
      }
    }
  }

  /** Lets a machine compare itself with those that it is linked with. */
  async verify(machine: Machine): Promise<void> {
    const { machines, isCopied, fail } = this.#settings;
    const { server } = machine;
    if (!server) return;
    const before = headsOf(machines);
    const copied = new Set(machines.filter(isCopied));
    try {
      const { links } = await server.replication.verify();
      const after = headsOf(machines);
      if (server !== machine.server) return;
      for (const { name, outcome } of links) {
        const other = machines.find((each) => each.name === name);
        // Of what changed meanwhile nothing can be said.
        if (!other || outcome === 'unreachable') continue;
        // It may have been the copy that was looked at.
        if (copied.has(other) || isCopied(other)) continue;
        if ([machine, other].some((each) => before.get(each) !== after.get(each))) continue;
        const isEqual = areEqual(machine, other);
        expectThat(
          isEqual === (outcome === 'equal'),
          () => `O14: ${machine.name} finds ${name} ${outcome}, and it is ${isEqual ? 'equal' : 'another'}`,
        );
      }
    } catch (error) {
      if (!isOfTheDisk(error)) fail(error);
    }
  }

  #countPaths({ last }: Watched, { links }: Status): void {
    const { paths } = this.#settings;
    for (const { replica, counts } of links) {
      const before = last?.links.find((each) => each.replica === replica)?.counts;
      paths.saw('feeder behind', counts.pushBehind - (before?.pushBehind ?? 0));
      paths.saw('echo suppressed', counts.pushSuppressed - (before?.pushSuppressed ?? 0));
    }
  }

  #expectUnconfirmed(machine: Machine, { sinceMs, commits }: Watched, { links, sequence }: Status): void {
    const now = this.#settings.now();
    for (const { name, ackedSequence = 0, unconfirmedAgeMs } of links) {
      // What was committed before this process began is as old as it, at least.
      const ageMs = ackedSequence >= sequence ? 0 : now - (commits.get(ackedSequence + 1) ?? sinceMs);
      expectThat(
        unconfirmedAgeMs <= ageMs + toleranceMs,
        () =>
          `O12: what ${name} has not confirmed at ${machine.name} is said to be ${Math.round(unconfirmedAgeMs)} ms old and is ${Math.round(ageMs)} ms old`,
      );
    }
  }
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof CorruptRow || error instanceof CommitFailed;
}

function headsOf(machines: readonly Machine[]): ReadonlyMap<Machine, number> {
  return new Map(machines.map((machine) => [machine, machine.disk.head]));
}

function areEqual(one: Machine, other: Machine): boolean {
  const there = new Map(other.disk.documents.map((stored) => [stored.name, stored]));
  if (one.disk.documents.length !== there.size) return false;
  return one.disk.documents.every((stored) => {
    const found = there.get(stored.name);
    if (!found || compareLives(stored, found) !== 0) return false;
    return stored.isDeleted || isSame(stored.digest, found.digest);
  });
}
