// Documents of Automerge, for a client to open.
import type * as A from '@automerge/automerge';
import type { Engine } from '../engine.ts';
import { AutomergeContent } from './content.ts';
import { AutomergeDocument } from './document.ts';
import { LivePresence } from './presence.ts';

export interface OpenAutomergeOptions<Shape> {
  readonly engine: 'automerge';
  /** A document that exists already; what is in it is sent if the server lacks it. It is copied, and stays as it is. */
  readonly doc?: A.Doc<Shape> | undefined;
}

export type OpenAutomerge = <Shape = Record<string, unknown>>(
  name: string,
  options: OpenAutomergeOptions<Shape>,
) => AutomergeDocument<Shape>;

/** The engine of Automerge documents, for `createClient({ engines: [automerge()] })`. */
export function automerge(): Engine<OpenAutomerge> {
  return {
    name: 'automerge',
    hold({ doc: given }, platform) {
      const content = new AutomergeContent(given as A.Doc<Record<string, unknown>> | undefined);
      const presence = new LivePresence(platform);
      return {
        content,
        presence,
        isOf: ({ doc }) => doc === undefined || doc === given,
        get doc() {
          return content.current;
        },
        bindPresence: (say) => presence.bind(say),
        leave: () => presence.setLocalState(null),
        enter: () => presence.setLocalState({}),
        opened: (opened) => new AutomergeDocument(content, presence, opened),
      };
    },
  };
}
