// What the deleted incarnations of a document held, for a sink that never had it.
import { documentName } from '@syncline/shared';
import { CorruptRow } from '../port/journal.ts';
import { maxBurialBytes } from './limits.ts';
import type { ReplicationContext } from './context.ts';
import type { Message } from './messages.ts';

/** None where they cannot be read. Rejects with `bad_document_name`. */
export async function answerBurials(
  { documents }: ReplicationContext,
  { document }: Extract<Message, { say: 'burialsOf' }>,
): Promise<Message> {
  const visit = documents.visit(documentName(document));
  try {
    const burials: Uint8Array[] = [];
    let bytes = 0;
    for (const burial of (await visit.buried()).toReversed()) {
      bytes += burial.length;
      // The last one goes in any case: without it nobody could follow.
      if (bytes > maxBurialBytes && burials.length > 0) break;
      burials.unshift(burial);
    }
    return { say: 'burials', document, burials };
  } catch (error) {
    if (error instanceof CorruptRow) return { say: 'burials', document, burials: [] };
    throw error;
  } finally {
    visit.end();
  }
}
