// Documents of Yjs, for a client to open.
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Engine } from '../engine.ts';
import { yjsContent } from './content.ts';
import { SyncedDocument } from './document.ts';
import { bindAwareness } from './presence.ts';

export interface OpenOptions {
  readonly engine?: 'yjs' | undefined;
  /** A document that exists already; what is in it is sent if the server lacks it. */
  readonly doc?: Y.Doc | undefined;
}

export type OpenYjs = (name: string, options?: OpenOptions) => SyncedDocument;

export const yjs: Engine<OpenYjs> = {
  name: 'yjs',
  hold(given) {
    const doc = (given as Y.Doc | undefined) ?? new Y.Doc();
    const presence = new Awareness(doc);
    return {
      content: yjsContent(doc),
      presence,
      isOf: (other) => other === doc,
      doc,
      bindPresence: (say) => bindAwareness(presence, say),
      opened: (opened) => new SyncedDocument(doc, presence, opened),
    };
  },
};
