import { createHash } from 'node:crypto';
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { ChangeGraph } from './graph.ts';
import { ChangeHash } from './graph-digest.ts';
import { asSummary, type CheckedChange } from './summary.ts';

const key = new ChangeHash(Uint8Array.from({ length: 16 }, (_, index) => index));

const hashOf = (name: string): Uint8Array => new Uint8Array(createHash('sha256').update(name).digest());

/** A change named for its actor and number, as in `a2`, with one operation. */
function change(name: string, builtOn: readonly string[], startOp: number): CheckedChange {
  return {
    hash: hashOf(name),
    deps: builtOn.map(hashOf),
    actor: Buffer.from(name[0]!).toString('hex'),
    seq: Number(name.slice(1)),
    startOp,
    maxOp: startOp,
    start: 0,
    end: 0,
  };
}

const a1 = change('a1', [], 1);
const a2 = change('a2', ['a1'], 2);
const b1 = change('b1', ['a1'], 2);
const merge = change('a3', ['a2', 'b1'], 3);
const last = change('b2', ['a3'], 4);
const all = [a1, a2, b1, merge, last];

const summaryOf = (...changes: CheckedChange[]) => asSummary({ changes });

function graphOf(...changes: CheckedChange[]): ChangeGraph {
  const graph = new ChangeGraph(key);
  for (const each of changes) graph.add(summaryOf(each));
  return graph;
}

function permutations<Value>(values: readonly Value[]): Value[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((value, index) =>
    permutations(values.toSpliced(index, 1)).map((rest) => [value, ...rest]),
  );
}

/** Everything that can be seen of a graph. */
function seen(graph: ChangeGraph): unknown {
  return {
    size: graph.size,
    heads: graph.heads,
    missing: graph
      .missingBefore(all.map(({ hash }) => hash))
      .map((hash) => Buffer.from(hash).toString('hex'))
      .toSorted(),
    digest: graph.digest(),
    fingerprint: graph.fingerprint(),
    committedCount: graph.committedCount,
    committedHeads: graph.committedHeads,
  };
}

it('[AUT5] in whatever order changes come, the graph is the same at the end', () => {
  for (const order of permutations(all)) {
    const graph = graphOf(...order);
    expect(seen(graph)).toEqual(seen(graphOf(...all)));
    expect(graph.heads).toEqual([last.hash]);
    expect(graph.missingBefore([last.hash])).toEqual([]);
  }
});

it('[AUT6] additions that are withdrawn leave what was there before them, whatever they healed', () => {
  for (const order of permutations(all)) {
    const graph = new ChangeGraph(key);
    const before: unknown[] = [];
    const additions = order.map((each) => {
      before.push(seen(graph));
      return graph.add(summaryOf(each))!;
    });
    for (const addition of additions.toReversed()) {
      graph.withdraw(addition);
      expect(seen(graph)).toEqual(before.pop());
    }
    expect(graph.isEmpty).toBe(true);
    expect(graph.digest()).toEqual(new Uint8Array(16));
  }
});

it('[AUT6] what is settled is committed, in an order in which everything comes after what it builds on', () => {
  for (const order of permutations(all)) {
    const graph = new ChangeGraph(key);
    const additions = order.map((each) => graph.add(summaryOf(each))!);
    expect(graph.committedCount).toBe(0);
    expect(graph.committedHeads).toEqual([]);
    order.forEach((_, index) => {
      graph.settled(additions[index]!);
      const wanted = graphOf(...order.slice(0, index + 1));
      expect(graph.committedHeads).toEqual(wanted.heads);
      for (let at = 0; at < graph.committedCount; at++) {
        expect(graph.indexOf(graph.hashAt(at))).toBe(at);
        for (const dep of graph.dependenciesOf(at)) expect(dep).toBeLessThan(at);
      }
    });
    expect(graph.committedCount).toBe(all.length);
  }
});

it('[AUT6] an addition that is not the newest is not withdrawn', () => {
  const graph = new ChangeGraph(key);
  const first = graph.add(summaryOf(a1))!;
  graph.add(summaryOf(a2));
  expect(() => graph.withdraw(first)).toThrow('before a later one');
});

it('[AUT5] the digest tells changes, and changes from orphans', () => {
  const digests = new Set<string>();
  for (const held of [[], [a1], [a2], [a1, a2], [a1, b1], [a1, a2, b1], [merge], [a1, merge], [a2, b1], all])
    digests.add(Buffer.from(graphOf(...held).digest()).toString('hex'));
  expect(digests.size).toBe(10);
  const other = new ChangeGraph(new ChangeHash(new Uint8Array(16)));
  other.add(summaryOf(a1));
  expect(other.digest()).not.toEqual(graphOf(a1).digest());
});

it('[AUT4] an orphan is a gap until what it builds on is there', () => {
  const graph = graphOf(a1, merge);
  expect(graph.hasGap(summaryOf(merge))).toBe(true);
  expect(graph.missingBefore([merge.hash])).toEqual([a2.hash, b1.hash]);
  expect(graph.missingBefore([a1.hash])).toEqual([]);
  graph.add(summaryOf(b1));
  expect(graph.hasGap(summaryOf(b1))).toBe(false);
  expect(graph.hasGap(summaryOf(merge))).toBe(true);
  graph.add(summaryOf(a2));
  expect(graph.hasGap(summaryOf(merge))).toBe(false);
});

it('[AUT7] two changes of one actor with one number are not held together, and nothing of what brings them is', () => {
  const twin = { ...a2, hash: hashOf('a2, written by another one') };
  const early = { ...merge, hash: hashOf('a3, written by another one') };
  for (const [held, brought] of [
    [
      [a1, a2],
      [b1, twin],
    ],
    [
      [a1, twin],
      [b1, a2],
    ],
    [[a1], [b1, a2, twin]],
    [[merge], [a1, early]],
    [[], [b1, merge, early]],
  ] as const) {
    const graph = graphOf(...held);
    const before = seen(graph);
    expect(() => graph.add(summaryOf(...brought))).toThrow(SyncError);
    expect(seen(graph)).toEqual(before);
  }
});

it('[AUT7] a change that does not follow the last one of its actor, or its operations, is not taken', () => {
  const graph = graphOf(a1, a2, b1);
  for (const unfit of [
    change('a4', ['a2'], 3),
    change('a3', ['b1'], 3),
    change('a3', ['a1'], 3),
    change('a3', ['a2', 'b1'], 2),
    change('c2', ['a2'], 3),
  ])
    expect(() => graph.add(summaryOf(unfit))).toThrow('follow');
  expect(graph.add(summaryOf(change('c1', ['b1', 'a2'], 3)))).toBeDefined();
  expect(graph.add(summaryOf(change('a3', ['c1'], 4)))).toBeDefined();
});

it('[AUT7] one that was held before that could be known keeps waiting, and the rest is taken', () => {
  const unfit = change('a3', ['b1'], 3);
  const graph = graphOf(a1, unfit, a2, b1);
  expect(graph.hasGap(summaryOf(unfit))).toBe(true);
  expect(graph.heads).toEqual(graphOf(a1, a2, b1).heads);
});

it('[AUT8] what is stored of a graph is the graph, with all of it committed', () => {
  for (const order of permutations(all)) {
    for (let count = 0; count <= order.length; count++) {
      const graph = graphOf(...order.slice(0, count));
      const decoded = ChangeGraph.decode(graph.encode(), key);
      expect(decoded.digest()).toEqual(graph.digest());
      expect(decoded.heads).toEqual(graph.heads);
      expect(decoded.committedHeads).toEqual(graph.heads);
      for (const each of order.slice(count)) decoded.add(summaryOf(each));
      expect(decoded.digest()).toEqual(graphOf(...all).digest());
    }
  }
});

it('[AUT8] what is no stored graph is told from one', () => {
  const bytes = graphOf(a1, a2, last).encode();
  for (let length = 0; length < bytes.length; length++)
    expect(() => ChangeGraph.decode(bytes.subarray(0, length), key)).toThrow(Error);
  expect(() => ChangeGraph.decode(Buffer.concat([bytes, Buffer.of(0)]), key)).toThrow('to spare');
  expect(() => ChangeGraph.decode(Uint8Array.of(1, 255, 255, 255, 255, 7, 0, 0), key)).toThrow(Error);
});
