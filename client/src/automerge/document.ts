// An open Automerge document, for one of those who have opened it.
import type * as A from '@automerge/automerge';
import { automergeUrlOf } from '@syncline/shared';
import { OpenDocument, type Opened } from '../open-document.ts';
import { tell } from '../tell.ts';
import type { AutomergeContent, ChangeOptions, DocumentChange } from './content.ts';
import type { Presence } from './presence.ts';

export class AutomergeDocument<Shape = Record<string, unknown>> extends OpenDocument {
  /** Who is here, and where they are: `setLocalStateField('user', …)`. */
  readonly presence: Presence;
  readonly #content: AutomergeContent<Shape>;
  readonly #opened: Opened;

  constructor(content: AutomergeContent<Shape>, presence: Presence, opened: Opened) {
    super(opened);
    this.presence = presence;
    this.#content = content;
    this.#opened = opened;
  }

  /** What clients of automerge-repo find it by. */
  get url(): `automerge:${string}` {
    return automergeUrlOf(this.name);
  }

  /** The document as it is now: immutable, another one after every change. To be read, and to be changed by `change` alone. */
  get current(): A.Doc<Shape> {
    return this.#content.current;
  }

  /** Changes it, as `change` of Automerge does. Throws what `change` throws, and nothing is changed then. */
  change(change: A.ChangeFn<Shape>, options?: ChangeOptions): void {
    this.#content.change(change, options);
  }

  /** Calls `listener` after every change, of whomever. Gives what ends that. */
  subscribe(listener: (current: A.Doc<Shape>, change: DocumentChange) => void): () => void {
    const { platform } = this.#opened;
    return this.endedWith(
      this.#content.subscribe((current, change) => tell(() => listener(current, change), platform)),
    );
  }
}
