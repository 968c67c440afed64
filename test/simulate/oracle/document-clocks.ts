// What a reader's document holds, compared with what was said.
import * as Y from 'yjs';
import { Clocks, readDocument, type Said } from './clocks.ts';

/** What of it the document does not show, in words; undefined if it shows all of it. */
export function lackingIn(document: Y.Doc, { structs, deleted }: Said): string | undefined {
  const here = readDocument(document);
  const ends = new Map<number, number>();
  for (let at = 0; at < here.structs.length; at += 3) ends.set(here.structs[at]!, here.structs[at + 2]!);
  for (let at = 0; at < structs.length; at += 3) {
    const [client, end] = [structs[at]!, structs[at + 2]!];
    if ((ends.get(client) ?? 0) < end) return `lacks ${client}:${ends.get(client) ?? 0} of ${end}`;
  }
  return deletionsMissing(deleted, here.deleted);
}

/** What a document that is opened again holds of its own client. */
export function ownPart(doc: Y.Doc): Said {
  return { structs: [doc.clientID, 0, Y.getState(doc.store, doc.clientID)], deleted: [] };
}

export function clocksOf(all: readonly Said[]): Clocks {
  const clocks = new Clocks();
  for (const said of all) clocks.add(said);
  return clocks;
}

function deletionsMissing(wanted: readonly number[], here: readonly number[]): string | undefined {
  if (wanted.length === 0) return undefined;
  const ranges = new Map<number, number[]>();
  for (let at = 0; at < here.length; at += 3) {
    const list = ranges.get(here[at]!) ?? [];
    ranges.set(here[at]!, list);
    // A document cuts them otherwise than the disk.
    if (list.at(-1) === here[at + 1]) list[list.length - 1] = here[at + 2]!;
    else list.push(here[at + 1]!, here[at + 2]!);
  }
  for (let at = 0; at < wanted.length; at += 3) {
    const list = ranges.get(wanted[at]!) ?? [];
    const isThere = list.some(
      (start, index) => index % 2 === 0 && start <= wanted[at + 1]! && list[index + 1]! >= wanted[at + 2]!,
    );
    if (!isThere) return `lacks the deletion of ${wanted.slice(at, at + 3).join(':')}`;
  }
  return undefined;
}
