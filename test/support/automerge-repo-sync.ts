// The sync of one document between the states of the automerge-repo dialect and real Automerge documents, without a network: frames
// lie in queues, and commits happen, or fail, when a test says so.
import * as A from '@automerge/automerge';
import type { ChangeGraph } from '@syncline/server/port/changes.ts';
import {
  decodeSyncMessage,
  encodeSyncMessage,
} from '@syncline/server/dialect/automerge-repo/sync-message.ts';
import { SyncState } from '@syncline/server/dialect/automerge-repo/sync-state.ts';

type Notes = { [key: string]: number };

interface Change {
  readonly hash: string;
  readonly deps: readonly string[];
  readonly bytes: Uint8Array;
}

function fromHex(hash: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hash, 'hex'));
}

function toHex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

/** A graph in the plainest way. */
class PlainGraph implements ChangeGraph {
  readonly #committed: Change[] = [];
  readonly #indexes = new Map<string, number>();
  /** Uncommitted, or waiting for what they build on. */
  readonly #waiting = new Map<string, Change>();

  get committedCount(): number {
    return this.#committed.length;
  }

  get committedHeads(): readonly Uint8Array[] {
    const heads = new Set(this.#committed.map(({ hash }) => hash));
    for (const { deps } of this.#committed) for (const dep of deps) heads.delete(dep);
    return [...heads].toSorted().map(fromHex);
  }

  missingBefore(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
    const before = new Set(hashes.map(toHex).filter((hash) => this.#waiting.has(hash)));
    for (const hash of before) for (const dep of this.#waiting.get(hash)?.deps ?? []) before.add(dep);
    return [...before].filter((dep) => !this.#waiting.has(dep) && !this.#indexes.has(dep)).map(fromHex);
  }

  indexOf(hash: Uint8Array): number | undefined {
    return this.#indexes.get(toHex(hash));
  }

  hashAt(index: number): Uint8Array {
    return fromHex(this.#committed[index]!.hash);
  }

  dependenciesOf(index: number): readonly number[] {
    return this.#committed[index]!.deps.map((dep) => this.#indexes.get(dep)!);
  }

  has(hash: Uint8Array): boolean {
    return this.#indexes.has(toHex(hash)) || this.#waiting.has(toHex(hash));
  }

  get bytes(): readonly Uint8Array[] {
    return this.#committed.map(({ bytes }) => bytes);
  }

  /** Takes a change in that is not committed yet; gives what takes it out again. */
  take(bytes: Uint8Array): () => void {
    const { hash, deps } = A.decodeChange(bytes);
    if (!this.#indexes.has(hash)) this.#waiting.set(hash, { hash, deps, bytes });
    return () => void this.#waiting.delete(hash);
  }

  /** Commits what has all that it builds on. */
  commit(): void {
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const change of this.#waiting.values()) {
        if (!change.deps.every((dep) => this.#indexes.has(dep))) continue;
        this.#waiting.delete(change.hash);
        this.#indexes.set(change.hash, this.#committed.length);
        this.#committed.push(change);
        isDone = false;
      }
    }
  }

  /** As it was when it held less: a backup that was put back. */
  restored(count: number): PlainGraph {
    const graph = new PlainGraph();
    for (const { bytes } of this.#committed.slice(0, count)) graph.take(bytes);
    graph.commit();
    return graph;
  }
}

/** One connection, of which either end can be cut. */
export class SimulatedConnection {
  readonly state: SyncState;
  readonly down: Uint8Array[] = [];
  readonly up: Uint8Array[] = [];
  isOpen = true;
  /** Changes that it has brought and that are neither committed nor lost. */
  underWay = 0;

  constructor(isReadOnly: boolean) {
    this.state = new SyncState(isReadOnly);
  }
}

export class SimulatedServer {
  #graph = new PlainGraph();
  readonly connections = new Set<SimulatedConnection>();
  /** What has come and was not looked at yet. */
  #arrived: { readonly from: SimulatedConnection; readonly change: Uint8Array }[] = [];
  /** What waits for its commit, and who sent it. */
  #pending: { readonly from: SimulatedConnection; readonly withdraw: () => void }[] = [];
  messages = 0;
  sentBytes = 0;

  get heads(): string[] {
    return this.#graph.committedHeads.map(toHex);
  }

  get hasPending(): boolean {
    return this.#arrived.length + this.#pending.length > 0;
  }

  hears(connection: SimulatedConnection, data: Uint8Array, isReadOnly: boolean): void {
    const message = decodeSyncMessage(data);
    connection.state.hear(message);
    if (isReadOnly || message.changes.length === 0) return this.#look(connection);
    connection.underWay += message.changes.length;
    for (const change of message.changes) this.#arrived.push({ from: connection, change });
  }

  /** Looks at so many of the changes that have come: of a large message others are committed before. */
  take(count = Infinity): void {
    const taken = this.#arrived.splice(0, count);
    for (const { from, change } of taken) {
      this.#pending.push({ from, withdraw: this.#graph.take(change) });
      const { hash } = A.decodeChange(change);
      if (this.#graph.missingBefore([fromHex(hash)]).length === 0 || !from.isOpen) continue;
      from.state.ask();
      this.#look(from);
    }
  }

  commit(): void {
    for (const { from } of this.#pending) from.underWay--;
    this.#pending = [];
    this.#graph.commit();
    for (const connection of this.connections) this.#look(connection);
  }

  failCommit(): void {
    const failed = this.#pending;
    this.#pending = [];
    for (const { withdraw } of failed) withdraw();
    for (const { from } of failed) from.underWay--;
    for (const from of new Set(failed.map((each) => each.from))) {
      from.state.askAgain();
      if (from.isOpen) this.#look(from);
    }
  }

  /** Everybody is cut off, and the newest changes are gone. */
  restore(count: number): void {
    for (const connection of this.connections) connection.isOpen = false;
    this.connections.clear();
    this.#arrived = [];
    this.#pending = [];
    this.#graph = this.#graph.restored(count);
  }

  get count(): number {
    return this.#graph.committedCount;
  }

  #look(connection: SimulatedConnection): void {
    const proposal = connection.state.next(this.#graph, connection.underWay > 0);
    if (!proposal) return;
    const { heads, need, have, lacking, isVersion2, trailer } = proposal;
    const isWhole = isVersion2 && lacking.length > Math.floor(this.#graph.committedCount / 3);
    const changes = isWhole ? [whole(this.#graph.bytes)] : lacking.map((index) => this.#graph.bytes[index]!);
    const data = encodeSyncMessage({ heads, need, have, changes, isVersion2, trailer });
    connection.down.push(data);
    this.messages++;
    this.sentBytes += data.length;
  }
}

function whole(changes: readonly Uint8Array[]): Uint8Array {
  const [doc] = A.applyChanges(A.init(), [...changes]);
  return A.save(doc);
}

export class SimulatedClient {
  doc: A.Doc<Notes> = A.init();
  state = A.initSyncState();
  connection: SimulatedConnection | undefined;
  readonly #server: () => SimulatedServer;
  #edits = 0;
  messages = 0;
  sentBytes = 0;

  constructor(server: SimulatedServer) {
    this.#server = () => server;
    this.connect();
  }

  get heads(): string[] {
    return A.getHeads(this.doc);
  }

  /** What the client takes for safe on the server. */
  get serverHeads(): readonly string[] {
    return this.state.theirHeads ?? [];
  }

  get isConnected(): boolean {
    return this.connection?.isOpen === true;
  }

  /** With what of the sync is kept between connections, or without. */
  connect(isRemembering = true): void {
    this.disconnect();
    this.state = isRemembering ? A.decodeSyncState(A.encodeSyncState(this.state)) : A.initSyncState();
    this.connection = new SimulatedConnection(false);
    this.#server().connections.add(this.connection);
    this.#say();
  }

  disconnect(): void {
    if (!this.connection) return;
    this.connection.isOpen = false;
    this.#server().connections.delete(this.connection);
    this.connection = undefined;
  }

  edit(times = 1): void {
    for (let edit = 0; edit < times; edit++)
      this.doc = A.change(this.doc, (doc) => void (doc['n'] = this.#edits++));
    if (this.isConnected) this.#say();
  }

  /** It has nothing any more, and goes on on the same connection. */
  forget(): void {
    this.doc = A.init();
    this.state = A.initSyncState();
    if (this.isConnected) this.#say();
  }

  /** Lets the next frame in one direction arrive. */
  step(direction: 'up' | 'down'): boolean {
    const { connection } = this;
    const data = connection?.isOpen ? connection[direction].shift() : undefined;
    if (!data || !connection) return false;
    if (direction === 'up') this.#server().hears(connection, data, false);
    else this.#hear(data);
    return true;
  }

  #hear(data: Uint8Array): void {
    [this.doc, this.state] = A.receiveSyncMessage(this.doc, this.state, data);
    this.#say();
  }

  #say(): void {
    let data: Uint8Array | null;
    [this.state, data] = A.generateSyncMessage(this.doc, this.state);
    if (!data) return;
    this.messages++;
    this.sentBytes += data.length;
    this.connection!.up.push(data);
  }
}

/** More frames than agreement ever takes. */
const maxSteps = 10_000;

/** Everything arrives and is committed, until nobody has anything more to say. */
export function settle(server: SimulatedServer, clients: readonly SimulatedClient[]): void {
  for (let steps = 0; ; steps++) {
    let isQuiet = true;
    for (const client of clients) {
      if (client.step('up')) isQuiet = false;
      if (client.step('down')) isQuiet = false;
    }
    if (steps > maxSteps) throw new Error('they go on for ever');
    if (!isQuiet) continue;
    if (!server.hasPending) return;
    server.take();
    server.commit();
  }
}
