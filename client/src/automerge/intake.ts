// Takes what a server sent into an Automerge document: all of it at once, since each time costs as much as the text that it
// changes is long; and looks whether it has arrived, since Automerge leaves out what it cannot read without a word.
import * as A from '@automerge/automerge';
import { type Chunk, concatenated, readChunks } from './chunk.ts';

export interface Taken<Shape> {
  readonly doc: A.Doc<Shape>;
  readonly patches: readonly A.Patch[];
  /** Of what was left out. */
  readonly errors: readonly unknown[];
}

export function takeIn<Shape>(doc: A.Doc<Shape>, updates: readonly Uint8Array[]): Taken<Shape> {
  const intake = new Intake(doc);
  const chunks = updates.flatMap((update) => intake.read(update));
  for (const chunk of chunks) if (chunk.kind === 'document') intake.load([chunk]);
  intake.load(chunks.filter(({ kind }) => kind !== 'document'));
  return intake;
}

class Intake<Shape> implements Taken<Shape> {
  doc: A.Doc<Shape>;
  readonly patches: A.Patch[] = [];
  readonly errors: unknown[] = [];

  constructor(doc: A.Doc<Shape>) {
    this.doc = doc;
  }

  read(update: Uint8Array): readonly Chunk[] {
    try {
      return readChunks(update);
    } catch (error) {
      this.errors.push(error);
      return [];
    }
  }

  /** One that Automerge rejects takes nobody else's along. */
  load(chunks: readonly Chunk[]): void {
    this.#load(chunks);
    if (chunks.every((chunk) => this.#hasArrived(chunk))) return;
    for (const chunk of chunks) {
      if (this.#hasArrived(chunk) && chunk.kind !== 'deflated') continue;
      this.#load([chunk]);
      if (!this.#hasArrived(chunk)) this.errors.push(new Error('what came was not taken in by Automerge'));
    }
  }

  #load(chunks: readonly Chunk[]): void {
    if (chunks.length === 0) return;
    const patchCallback = (patches: readonly A.Patch[]): void => {
      for (const patch of patches) this.patches.push(patch);
    };
    try {
      const bytes = concatenated(chunks.map((chunk) => chunk.bytes));
      this.doc = A.loadIncremental(this.doc, bytes, { patchCallback });
    } catch (error) {
      this.errors.push(error);
    }
  }

  /** Of a deflated change only the fingerprint of the document tells. */
  #hasArrived(chunk: Chunk): boolean {
    switch (chunk.kind) {
      case 'document':
        return A.hasHeads(this.doc, [...chunk.heads]);
      case 'change':
        return this.#has(chunk.hash) || chunk.deps.some((hash) => !this.#has(hash));
      case 'deflated':
        return true;
    }
  }

  #has(hash: string): boolean {
    return A.hasHeads(this.doc, [hash]);
  }
}
