// The documents of a client by their names: those that somebody has open, and those that are only there until they are saved, for whoever
// has closed them or for nobody.
import { documentName, SyncError } from '@syncline/shared';
import { allOf, type StatusOfAll } from './client-status.ts';
import type { Engine, Given } from './engine.ts';
import { randomName } from './ephemeral/session.ts';
import { LeavingDocuments } from './leaving.ts';
import { SharedDocument, type Surroundings } from './shared-document.ts';

/** What of the options of `open` every engine has. */
export interface AnyOpenOptions extends Given {
  readonly engine?: string | undefined;
}

/** The first engine is that of documents that are opened without naming one. */
export type Engines<Open> = readonly [Engine<Open>, ...Engine<unknown>[]];

export class Documents {
  readonly #engines: Engines<unknown>;
  readonly #surroundings: Surroundings;
  readonly #open = new Map<string, SharedDocument>();
  readonly #leaving: LeavingDocuments;
  /** Names this client to all who have a document open. */
  readonly #sender: string;
  #nextChannel = 1;
  #isClosed = false;

  constructor(engines: Engines<unknown>, surroundings: Surroundings) {
    this.#engines = engines;
    this.#surroundings = surroundings;
    this.#leaving = new LeavingDocuments(surroundings.connection);
    this.#sender = randomName(surroundings.connection.platform);
  }

  get all(): SharedDocument[] {
    return [...this.#open.values(), ...this.#leaving];
  }

  get status(): StatusOfAll {
    const statuses = (documents: Iterable<SharedDocument>) => Array.from(documents, ({ status }) => status);
    return allOf(statuses(this.#open.values()), statuses(this.#leaving));
  }

  named(name: string): SharedDocument | undefined {
    return this.all.find((document) => document.name === name);
  }

  /** As `open` of a client does. */
  take(name: string, { engine: named, ...given }: AnyOpenOptions): Disposable {
    if (this.#isClosed) throw new Error('the client was closed');
    const engine = this.#engine(named);
    const shared = this.#open.get(documentName(name)) ?? this.#leaving.takeBack(name, engine.name, given);
    if (shared) expectSame(shared, engine, given);
    const opened = shared ?? this.#begin(name, engine, given);
    this.#open.set(name, opened);
    opened.users++;
    opened.attach();
    const release = (): void => {
      if (--opened.users > 0) return;
      this.#open.delete(name);
      void this.#leaving.add(opened);
    };
    return opened.held.opened({ shared: opened, platform: this.#surroundings.connection.platform, release });
  }

  /** What was typed before this page was loaded, and sent to no server, in documents that nobody has to open for that. */
  async sendKept(): Promise<void> {
    for (const { document: name, engine: named } of (await this.#surroundings.keeper?.unsaved()) ?? []) {
      const engine = this.#engines.find((each) => each.name === named);
      if (!engine || this.named(name) || this.#isClosed) continue;
      void this.#leaving.add(this.#begin(name, engine, {}));
    }
  }

  connectionChanged(): void {
    for (const document of this.all) document.changed();
    this.#leaving.connectionChanged();
  }

  /** From now on none is opened, and none begun. */
  close(): void {
    this.#isClosed = true;
  }

  #engine(name: string | undefined): Engine<unknown> {
    const engine = name === undefined ? this.#engines[0] : this.#engines.find((each) => each.name === name);
    if (engine) return engine;
    throw new Error(
      `the client was created without the engine ${name}: give it to createClient in \`engines\``,
    );
  }

  #begin(name: string, engine: Engine<unknown>, given: Given): SharedDocument {
    const held = engine.hold(given, this.#surroundings.connection.platform);
    const incarnation = this.#leaving.incarnationOf(name, given);
    const about = { name, channel: this.#nextChannel++, sender: this.#sender, incarnation };
    return new SharedDocument(about, held, this.#surroundings);
  }
}

function expectSame({ name, held }: SharedDocument, engine: Engine<unknown>, given: Given): void {
  const { content, presence } = held;
  if (content.engine !== engine.name)
    throw new SyncError('wrong_engine', `${name} is open here as a document of ${content.engine}`);
  if (!held.isOf(given)) throw new Error(`${name} is open with another doc`);
  if (given.presence !== undefined && given.presence !== presence)
    throw new Error(`${name} is open with another presence`);
}
