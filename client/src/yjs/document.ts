// An open Yjs document, for one of those who have opened it.
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { OpenDocument, type Opened } from '../open-document.ts';

export class SyncedDocument extends OpenDocument {
  readonly doc: Y.Doc;
  /** Who is here and where their cursors are: for `setLocalStateField`, and for editor bindings. */
  readonly presence: Awareness;

  constructor(doc: Y.Doc, presence: Awareness, opened: Opened) {
    super(opened);
    this.doc = doc;
    this.presence = presence;
  }
}
