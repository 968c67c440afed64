// The client SDK as an app would have it that opens documents of both engines, and Automerge documents that lie on the disk.
import * as A from '@automerge/automerge';
import { automerge, type AutomergeDocument, type OpenAutomerge } from '@syncline/client/automerge';
import type { ConnectionOptions } from '@syncline/client';
import { SdkClient } from './sdk-client.ts';
import { storedUpdates } from './stored-updates.ts';

/** What the tests' documents are like. */
export type Notes = Record<'text', string> & Record<'lines', string[]>;

export type NotesDocument = AutomergeDocument<Notes>;

export class BothClient extends SdkClient<OpenAutomerge> {
  constructor(options: ConnectionOptions) {
    super({ ...options, engines: [automerge()] });
  }

  notes(name: string, doc?: A.Doc<Notes>): NotesDocument {
    return this.client.open<Notes>(name, { engine: 'automerge', doc });
  }
}

/** Puts letters behind what is there; the first of all who write begins the text. */
export function append(document: Pick<NotesDocument, 'change'>, letters: string): void {
  document.change((notes) => {
    notes.text ??= '';
    A.splice(notes, ['text'], notes.text.length, 0, letters);
  });
}

/** Both write into one text that somebody has begun: two that begin it at once begin two, of which one is seen. */
export function begun(lines: readonly string[] = []): A.Doc<Notes> {
  return A.from<Notes>({ text: '', lines: [...lines] });
}

/** What lies in the database, loaded by Automerge alone. */
export function storedNotes(data: string, document: string): A.Doc<Notes> {
  return A.loadIncremental(A.init<Notes>(), Buffer.concat(storedUpdates(data, document)));
}
