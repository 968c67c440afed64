// O1: when everything has healed, all clients of a machine show the same, and it is what its disk holds.
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { runTask } from '@syncline/server/engine/yjs/tasks.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';
import { contentOf } from '../client/editing.ts';
import { NativeClient } from '../client/native-client.ts';
import type { SimulatedClient } from '../client/surroundings.ts';
import type { Disk, StoredDocument } from '../world/disk.ts';
import type { Machine } from '../world/machine.ts';
import { piecesOf } from './truth.ts';
import { expectThat } from './violation.ts';

/** What keeps the clients of a machine from having settled; undefined if nothing does. */
export function whyNotSettled({ disk }: Machine, clients: readonly SimulatedClient[]): string | undefined {
  const isThere = (name: string): boolean => !disk.find(documentName(name))?.isDeleted;
  for (const client of clients) {
    const why = client.whyNotSettled(isThere);
    if (why !== undefined) return why;
  }
  const stored = new Map<string, string>();
  for (const client of clients) {
    for (const [name, content] of client.contents()) {
      if (!isThere(name)) continue;
      if (!stored.has(name)) stored.set(name, storedContent(disk, name));
      if (content !== stored.get(name)) return `${client.name} shows ${name} otherwise than the disk`;
    }
  }
  return undefined;
}

export function expectAgreement(machine: Machine, clients: readonly SimulatedClient[]): void {
  const why = whyNotSettled(machine, clients);
  expectThat(why === undefined, () => `O1: ${why}`);
}

/** What is stored is what the digest beside it says, and every native client holds that and nothing else. */
export async function expectStoredWell(
  { disk, truth }: Machine,
  clients: readonly SimulatedClient[],
): Promise<void> {
  const engine = new YjsEngine(disk.digestKey, () => ({
    run: async (task) => runTask(task),
    stop: async () => {},
  }));
  for (const stored of disk.documents) {
    truth.compare(stored);
    const version = await engine.version(undefined, piecesOf(stored));
    expectThat(isSame(version.digest(), stored.digest), () => `O1: the digest of ${stored.name} is another`);
    // Its fingerprint then tells of what nobody can be shown.
    if (stored.isDeleted || truth.hidesSome(stored.name)) continue;
    for (const client of clients) {
      if (!(client instanceof NativeClient)) continue;
      for (const document of client.documents) {
        expectThat(
          document.name !== stored.name || isSame(version.fingerprint(), document.fingerprint()),
          () => `O1: the fingerprint of ${stored.name} at ${client.name} is another`,
        );
      }
    }
  }
}

/** What is stored is immutable, and looked at again and again. */
const contents = new WeakMap<StoredDocument, string>();
const emptyContent = contentOf(new Y.Doc());

/** What somebody sees who opens the document. */
export function storedContent(disk: Disk, name: string): string {
  const stored = disk.find(documentName(name));
  if (!stored) return emptyContent;
  const known = contents.get(stored) ?? contentOf(built(piecesOf(stored)));
  contents.set(stored, known);
  return known;
}

/** Within one transaction that counts as local: after a remote one yjs would tidy formatting, and say so. */
function built(pieces: readonly Uint8Array[]): Y.Doc {
  // One that draws an id of its own takes longer for that than for the rest.
  const doc = new Y.Doc({ guid: '' });
  doc.transact((transaction) => {
    for (const piece of pieces) Y.applyUpdate(doc, piece);
    transaction.local = true;
  });
  return doc;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
