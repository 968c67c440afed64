// An update of exactly so many bytes, which types letters into a text of its own client.
import * as Y from 'yjs';

export class SizedUpdates {
  readonly #doc = new Y.Doc();

  /** The next one, on top of those before it. */
  next(bytes: number): Uint8Array {
    // The length of the text stands in it as a number of one to three bytes.
    for (let letters = bytes; letters > 0; letters--) {
      if (typed(this.#copy(), letters).length === bytes) return typed(this.#doc, letters);
    }
    throw new RangeError(`no update has ${bytes} bytes`);
  }

  #copy(): Y.Doc {
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.#doc));
    copy.clientID = this.#doc.clientID;
    return copy;
  }

  get text(): string {
    return this.#doc.getText('content').toJSON();
  }
}

function typed(doc: Y.Doc, letters: number): Uint8Array {
  const text = doc.getText('content');
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array): number => updates.push(update);
  doc.on('update', keep);
  text.insert(text.length, 'x'.repeat(letters));
  doc.off('update', keep);
  return updates[0]!;
}
