import { expect, it } from 'vitest';
import { branchCount, DigestTree, leafCount, leafOf, type Leaflet, sumBytes } from './tree.ts';

const key = Uint8Array.from({ length: 16 }, (_, index) => index);

it('[TRE1] is the same for the same documents, in any order and by any detour', () => {
  const documents = Array.from({ length: 500 }, (_, index) => leaflet(`notes/${index}`, index));
  const [tree, other] = [new DigestTree(key), new DigestTree(key)];
  for (const document of documents) tree.add(document);
  for (const document of documents.toReversed()) {
    other.add({ ...document, digest: new Uint8Array(16) });
    other.remove({ ...document, digest: new Uint8Array(16) });
    other.add(document);
  }
  for (const of of ['root', 'branches', 0, 255] as const) expect(other.sums(of)).toEqual(tree.sums(of));
  expect(count(tree.sums('root'))).toBe(500);
});

it('[TRE1] a branch is the sum of its leaves, and the root of the branches', () => {
  const tree = new DigestTree(key);
  for (let index = 0; index < 2_000; index++) tree.add(leaflet(`notes/${index}`, index));
  const branches = tree.sums('branches');
  expect(added(branches)).toEqual(tree.sums('root'));
  for (let branch = 0; branch < branchCount; branch++) {
    const sum = branches.subarray(branch * sumBytes, (branch + 1) * sumBytes);
    expect(added(tree.sums(branch))).toEqual(sum);
  }
});

it('[TRE2] a document that is counted twice, or under another key, does not go unseen', () => {
  const [empty, twice, other] = [
    new DigestTree(key),
    new DigestTree(key),
    new DigestTree(new Uint8Array(16)),
  ];
  for (let times = 0; times < 2; times++) twice.add(leaflet('notes', 1));
  other.add(leaflet('notes', 1));
  const once = new DigestTree(key);
  once.add(leaflet('notes', 1));
  const roots = [empty, once, twice, other].map((tree) => tree.sums('root').join());
  expect(new Set(roots).size).toBe(roots.length);
});

it('[TRE3] name, digest, incarnation and deletion count, and the digest of a deleted document does not', () => {
  const one = leaflet('notes', 1);
  const others = [
    leaflet('note', 1),
    leaflet('notes', 2),
    { ...one, incarnation: 2 },
    { ...one, isDeleted: true },
    { ...one, isDeleted: true, incarnation: 2 },
    { ...one, isDeleted: true, digest: new Uint8Array(16) },
  ];
  const [first, ...rest] = [one, ...others].map((document) => {
    const tree = new DigestTree(key);
    tree.add(document);
    return tree.sums('root').join();
  });
  expect(rest).not.toContain(first);
  expect(new Set(rest).size).toBe(others.length - 1);
  expect(rest[5]).toBe(rest[3]);
});

it('[TRE2] places a name the same on every replica, and names evenly', () => {
  expect(leafOf('notes/today')).toBe(leafOf('notes/today'));
  const leaves = new Set<number>();
  for (let index = 0; index < 10_000; index++) leaves.add(leafOf(`Grüße 👋 ${index}`));
  expect(Math.min(...leaves)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...leaves)).toBeLessThan(leafCount);
  // Of 10,000 that fall anywhere, 9,273 leaves are hit on average, give or take 30.
  expect(leaves.size).toBeGreaterThan(9_100);
});

function leaflet(name: string, fill: number): Leaflet {
  return { name, digest: new Uint8Array(16).fill(fill), incarnation: 1, isDeleted: false };
}

function count(sum: Uint8Array): number {
  return new DataView(sum.buffer, sum.byteOffset).getUint32(sumBytes - 4, true);
}

/** The sum of sums, lane by lane. */
function added(sums: Uint8Array): Uint8Array {
  const lanes = new Uint32Array(sumBytes / 4);
  const view = new DataView(sums.buffer, sums.byteOffset, sums.length);
  for (let at = 0; at < sums.length; at += 4) lanes[(at / 4) % lanes.length]! += view.getUint32(at, true);
  return new Uint8Array(lanes.buffer);
}
