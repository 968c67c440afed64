// Documents of Yjs, for a client to open.
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Engine } from '../engine.ts';
import { yjsContent } from './content.ts';
import { SyncedDocument } from './document.ts';
import { HeldPresence } from './held-presence.ts';

export interface OpenOptions {
  readonly engine?: 'yjs' | undefined;
  /** A document that exists already; what is in it is sent if the server lacks it. */
  readonly doc?: Y.Doc | undefined;
  /** An Awareness of the same doc that exists already, and stays when the document is closed; one that ends with it otherwise. */
  readonly presence?: Awareness | undefined;
}

export type OpenYjs = (name: string, options?: OpenOptions) => SyncedDocument;

export const yjs: Engine<OpenYjs> = {
  name: 'yjs',
  hold(given) {
    const { presence: lent, doc = lent?.doc ?? new Y.Doc() } = given as OpenOptions;
    if (lent && lent.doc !== doc) throw new Error('the presence is of another doc');
    const presence = new HeldPresence(doc, lent);
    return {
      content: yjsContent(doc),
      isOf: (again) => isSame(again as OpenOptions, doc),
      doc,
      get presence() {
        return presence.awareness;
      },
      bindPresence: (say) => presence.bind(say),
      leave: () => presence.leave(),
      enter: (again) => presence.enter((again as OpenOptions).presence),
      opened: (opened) => new SyncedDocument(doc, presence.awareness, opened),
    };
  },
};

function isSame({ presence, doc = presence?.doc }: OpenOptions, held: Y.Doc): boolean {
  return (doc === undefined || doc === held) && (presence === undefined || presence.doc === held);
}
