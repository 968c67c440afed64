// O1: when everything has healed, all clients show the same, and it is what the disk holds.
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { runTask } from '@syncline/server/engine/yjs/tasks.ts';
import * as Y from 'yjs';
import { contentOf } from '../client/editing.ts';
import { NativeClient } from '../client/native-client.ts';
import type { World } from '../world/world.ts';
import { piecesOf } from './truth.ts';
import { expectThat } from './violation.ts';

/** What keeps a world from having settled; undefined if nothing does. */
export function whyNotSettled(world: World): string | undefined {
  for (const client of world.clients) {
    const why = client.whyNotSettled();
    if (why !== undefined) return why;
  }
  return disagreement(world);
}

export function expectAgreement(world: World): void {
  const why = whyNotSettled(world);
  expectThat(why === undefined, () => `O1: ${why}`);
}

/** What is stored is what the digest beside it says, and every native client holds that and nothing else. */
export async function expectStoredWell({ disk, truth, clients }: World): Promise<void> {
  const engine = new YjsEngine(disk.digestKey, () => ({
    run: async (task) => runTask(task),
    stop: async () => {},
  }));
  for (const stored of disk.documents) {
    truth.compare(stored);
    const version = await engine.version(undefined, piecesOf(stored));
    expectThat(isSame(version.digest(), stored.digest), () => `O1: the digest of ${stored.name} is another`);
    // Its fingerprint then tells of what nobody can be shown.
    if (truth.of(stored.name).hasGap) continue;
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

function disagreement(world: World): string | undefined {
  const shown = new Map<string, string>();
  for (const name of world.names) {
    const stored = world.stored(name);
    shown.set(name, contentOf(built(stored ? piecesOf(stored) : [])));
  }
  for (const client of world.clients) {
    for (const [name, content] of client.contents()) {
      if (content !== shown.get(name)) return `${client.name} shows ${name} otherwise than the disk`;
    }
  }
  return undefined;
}

/** Within one transaction that counts as local: after a remote one yjs would tidy formatting, and say so. */
function built(pieces: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  doc.transact((transaction) => {
    for (const piece of pieces) Y.applyUpdate(doc, piece);
    transaction.local = true;
  });
  return doc;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
