// A list of lines in a document of either engine, as an app has it that opens one with the client SDK.
import * as A from '@automerge/automerge';
import type { AutomergeDocument } from '@syncline/client/automerge';
import type { SyncedDocument } from '@syncline/client';
import { BothClient } from './automerge-client.ts';
import { until } from './until.ts';

interface LinesSettings {
  readonly url: string;
  readonly document: string;
  readonly token?: string;
  /** Whether this one begins the document, for an engine in which two cannot begin the same list. */
  readonly begins?: boolean;
}

/** A line is not edited: of a plain string Automerge would keep every character for itself. */
interface Listed {
  lines: A.ImmutableString[];
}

type Open = SyncedDocument | AutomergeDocument<Listed>;

abstract class Lines implements AsyncDisposable {
  readonly app: BothClient;
  abstract readonly document: Open;

  constructor({ url, token }: LinesSettings) {
    this.app = new BothClient({ url, ...(token === undefined ? {} : { token }) });
  }

  abstract get all(): readonly string[];
  /** In one change. */
  abstract add(...lines: readonly string[]): void;

  async synced(): Promise<this> {
    await this.document.synced();
    return this;
  }

  async has(...lines: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(lines.toSorted());
    await until(`the lines are ${wanted}`, () => JSON.stringify(this.all.toSorted()) === wanted);
  }

  stateOf(other: Lines): unknown {
    return this.document.presence.getStates().get(other.document.presence.clientID);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
  }
}

class YjsLines extends Lines {
  override readonly document: SyncedDocument;

  constructor(settings: LinesSettings) {
    super(settings);
    this.document = this.app.open(settings.document);
  }

  override get all(): readonly string[] {
    return this.document.doc.getArray<string>('lines').toArray();
  }

  override add(...lines: readonly string[]): void {
    this.document.doc.getArray<string>('lines').push([...lines]);
  }
}

class AutomergeLines extends Lines {
  override readonly document: AutomergeDocument<Listed>;

  constructor(settings: LinesSettings) {
    super(settings);
    const doc = settings.begins ? begun() : undefined;
    this.document = this.app.client.open<Listed>(settings.document, { engine: 'automerge', doc });
  }

  override get all(): readonly string[] {
    return (this.document.current.lines ?? []).map(String);
  }

  override add(...lines: readonly string[]): void {
    const added = lines.map((line) => new A.ImmutableString(line));
    this.document.change((doc) => void doc.lines.push(...added));
  }
}

function begun(): A.Doc<Listed> {
  return A.from<Listed & Record<string, unknown>>({ lines: [] });
}

export const linesOf = {
  '@syncline/client': YjsLines,
  '@syncline/client/automerge': AutomergeLines,
} as const;
