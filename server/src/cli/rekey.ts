// The digests of all documents of a journal under another key: for a replica that joins a cluster, before it accepts connections.
import type { DocumentName } from '@syncline/shared';
import type { Digest, Engines } from '../port/engine.ts';
import { CorruptRow, type Journal } from '../port/journal.ts';

/** A document by the journal's own number, and its digest under the new key. */
export interface Rekeyed {
  readonly document: number;
  readonly digest: Digest;
}

export interface RekeySettings {
  readonly journal: Pick<Journal, 'feed' | 'head'>;
  /** Makes digests under the new key. */
  readonly engines: Engines;
  /** Called for each page, with how many documents have been looked at. */
  readonly onProgress: (documents: number) => void;
}

/** Read side by side: the journal has more than one reader. */
const documentsAPage = 256;

/** Those of all documents that are not deleted. Rejects with CorruptRow or CostlyTask when one of them cannot be made. */
export async function digestsOf({ journal, engines, onProgress }: RekeySettings): Promise<Rekeyed[]> {
  const rekeyed: Rekeyed[] = [];
  let after = 0;
  let looked = 0;
  for (;;) {
    const { listings } = await journal.feed(after, documentsAPage);
    const live = listings.filter(({ isDeleted }) => !isDeleted);
    rekeyed.push(...(await Promise.all(live.map(({ name }) => digestOf(journal, engines, name)))));
    looked += listings.length;
    onProgress(looked);
    if (listings.length < documentsAPage) return rekeyed;
    after = listings.at(-1)!.sequence;
  }
}

async function digestOf(
  journal: RekeySettings['journal'],
  engines: Engines,
  name: DocumentName,
): Promise<Rekeyed> {
  const head = await journal.head(name);
  if (!head) throw new Error('a document that is listed has no head');
  const tail = head.tail.flatMap(({ updates }) => updates);
  const engine = engines.get(head.engine);
  if (!engine) throw new CorruptRow(`a document is of an engine that is not known: ${head.engine}`);
  const version = await engine.version(head.snapshot?.version, tail);
  return { document: head.document, digest: version.digest() };
}
