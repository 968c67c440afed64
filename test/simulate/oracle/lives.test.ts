import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { RarePaths } from '../world/rare-paths.ts';
import { Authors } from './authors.ts';
import { Lives } from './lives.ts';

/** Authors, and machines of which some have heard that the document began anew and others have not. */
class Scene {
  readonly authors = new Authors();
  readonly #lives = new Lives(this.authors, new RarePaths());

  author(client: number): Y.Doc {
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.on('update', () => this.authors.made(client, Y.getState(doc.store, client)));
    return doc;
  }

  /** A machine that is in an incarnation takes an update in. */
  takes(machine: string, incarnation: number, update: Uint8Array): void {
    const stored = { name: 'notes', incarnation, isDeleted: false };
    this.#lives.committed(machine, stored, { change: 'appended', updates: [update] });
  }
}

/** Gives the update of an edit. */
function edit(doc: Y.Doc, act: (text: Y.Text) => void): Uint8Array {
  const before = Y.encodeStateVector(doc);
  act(doc.getText('text'));
  return Y.encodeStateAsUpdate(doc, before);
}

const found = 'O11: 1:0 of incarnation 1 of notes is in incarnation 2';

describe('the oracle of incarnations', () => {
  it('[SIM3] finds in a later one what an author had made when he heard of an earlier one', () => {
    const scene = new Scene();
    const update = edit(scene.author(1), (text) => text.insert(0, 'before'));
    scene.takes('behind', 1, update);
    scene.authors.heard(1, 1);
    expect(() => scene.takes('ahead', 2, update)).toThrow(found);
  });

  it('[SIM3] finds what he made afterwards, though it has been on no disk', () => {
    const scene = new Scene();
    const anna = scene.author(1);
    scene.authors.heard(1, 1);
    const update = edit(anna, (text) => text.insert(0, 'after'));
    expect(() => scene.takes('ahead', 2, update)).toThrow(found);
  });

  it('[SIM3] finds the deletion of what is not there any more', () => {
    const scene = new Scene();
    const anna = scene.author(1);
    edit(anna, (text) => text.insert(0, 'before'));
    scene.authors.heard(1, 1);
    const deletion = edit(anna, (text) => text.delete(0, 3));
    expect(() => scene.takes('ahead', 2, deletion)).toThrow(found);
  });

  it('[SIM5] lets whoever has heard of none go on in a later one than that which took him in first', () => {
    const scene = new Scene();
    const anna = scene.author(1);
    const update = edit(anna, (text) => text.insert(0, 'new'));
    scene.takes('behind', 1, update);
    scene.takes('ahead', 2, update);
    // It belongs there, and is passed on, whatever he hears next.
    scene.authors.heard(1, 1);
    scene.takes('third', 2, update);
    const next = edit(anna, (text) => text.insert(0, 'old'));
    expect(() => scene.takes('ahead', 2, next)).toThrow('O11: 1:3 of incarnation 1');
    scene.authors.heard(1, 2);
    scene.takes(
      'third',
      2,
      edit(anna, (text) => text.insert(0, 'of the next')),
    );
  });
});
