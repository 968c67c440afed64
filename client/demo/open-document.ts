// The document that the page shows: its text in the editor, who is here, and how it stands with the server.
import type { Client, DocumentStatus, SyncedDocument } from '../src/index.ts';
import { Editor } from '../parts/editor.ts';
import { enter, forgetOthers, keepApart } from './identity.ts';
import { element } from '../parts/page.ts';
import { presentIn, showPeople } from './people.ts';
import { type Line, lineOf, mayType } from '../parts/status-line.ts';

export interface Surroundings {
  readonly client: Client;
  readonly nonce: string;
  readonly show: (line: Line) => void;
  /** The document stands otherwise than before. */
  readonly changed: () => void;
}

const notPlainText = 'This document holds more than text: it can only be read here.';

export class OpenDocument {
  readonly document: SyncedDocument;
  readonly #show: (line: Line) => void;
  readonly #tell: () => void;
  readonly #editor: Editor;
  readonly #people = element('#people', HTMLUListElement);
  readonly #ends: (() => void)[] = [];
  #hasLoaded = false;
  #wasKept = false;
  #hasLeft = false;
  #isConnected = false;

  /** Throws a SyncError `bad_document_name`. */
  constructor(name: string, { client, nonce, show, changed }: Surroundings) {
    this.document = client.open(name);
    this.#show = show;
    this.#tell = changed;
    const { doc, presence } = this.document;
    this.#editor = new Editor({
      parent: element('#editor', HTMLElement),
      text: doc.getText('content'),
      presence,
      label: 'Text of the document',
      nonce,
    });
    presence.on('change', this.#peopleChanged);
    this.#ends.push(this.document.onStatus((status) => this.#changed(status)));
    enter(presence);
    this.#changed(this.document.status);
    void this.#loaded();
  }

  focus(): void {
    this.#editor.view.focus();
  }

  /** Takes it off the page; it stays open until everything that was typed in it is saved. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    for (const end of this.#ends) end();
    const { presence } = this.document;
    presence.off('change', this.#peopleChanged);
    presence.setLocalState(null);
    this.#editor.end();
    await this.document.saved();
    this.document.close();
  }

  readonly #peopleChanged = (): void => {
    const { presence } = this.document;
    keepApart(presence);
    showPeople(this.#people, presentIn(presence));
  };

  async #loaded(): Promise<void> {
    const { doc } = this.document;
    await this.document.loaded();
    if (this.#hasLeft) return;
    // What has been typed meanwhile by this window is not what was kept.
    this.#wasKept = [...doc.store.clients.keys()].some((author) => author !== doc.clientID);
    this.#changed(this.document.status);
  }

  #changed(status: DocumentStatus): void {
    const wasConnected = this.#isConnected;
    this.#isConnected = status.connection.state === 'connected';
    if (wasConnected && !this.#isConnected) forgetOthers(this.document.presence);
    this.#hasLoaded ||= status.downloads.state === 'current';
    const { isWhole } = this.#editor;
    // What is typed all the same would reach nobody.
    const isReadOnly = !isWhole || !mayType(status);
    this.#editor.isReadOnly = isReadOnly;
    this.#editor.hint = this.#hasLoaded && !isReadOnly ? 'Type here, and in a second window.' : '';
    const origins = { hasLoaded: this.#hasLoaded, wasKept: this.#wasKept };
    this.#show(isWhole ? lineOf(status, origins) : { is: 'refused', text: notPlainText });
    this.#tell();
  }
}
