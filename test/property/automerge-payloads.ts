// Changes that no client makes: small ones that would cost their readers much, and such as refer to the wrong thing.
import { deflateRawSync } from 'node:zlib';
import * as Automerge from '@automerge/automerge';
import { deflatedType } from '@syncline/shared/automerge/chunk.ts';
import { changeOf, type ChangeParts, partsOf } from './automerge-mutate.ts';
import { parseChanges } from '@syncline/server/engine/automerge/change.ts';

/** The columns that are rewritten, by the numbers under which Automerge writes them. */
const objectActor = 0x01;
const objectCounter = 0x02;
const keyActor = 0x11;
const keyCounter = 0x13;
const insert = 0x34;
const action = 0x42;
const valueKind = 0x56;
const predecessors = 0x70;

/** A list, and a change that puts so many nulls into it: 120 bytes, however many they are. */
export function manyNulls(count: number): readonly [Uint8Array, Uint8Array] {
  const [first, second] = listOfNulls();
  const parts = partsOf(second);
  const one = int(count);
  set(parts, objectActor, [...one, 0]);
  set(parts, objectCounter, [...one, 1]);
  set(parts, keyActor, [0, 1, ...int(count - 1), 0]);
  set(parts, keyCounter, [...int(-2), 0, 2, ...int(count - 2), 1]);
  set(parts, insert, [0, ...uint(count)]);
  for (const column of [action, valueKind, predecessors]) {
    const { data } = parts.columns.find(({ number }) => number === column)!;
    set(parts, column, [...one, data.at(-1)!]);
  }
  return [first, changeOf(parts)];
}

/** A change of maps, each in the one before it. */
export function nestedMaps(depth: number): Uint8Array {
  const handle = Automerge.getBackend(Automerge.init());
  let object = '_root';
  for (let level = 0; level < depth; level++) object = handle.putObject(object, 'n', {});
  handle.commit();
  const [change] = handle.getChanges([]);
  handle.free();
  return change!;
}

/** A deflated chunk of so many zeros, with a checksum that is not that of them. */
export function inflating(bytes: number): Uint8Array {
  const body = deflateRawSync(Buffer.alloc(bytes), { level: 9 });
  const head = [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, deflatedType];
  return new Uint8Array(Buffer.concat([Buffer.from([...head, ...uint(body.length)]), body]));
}

/** A change after these ones which says that it edits an object that is none. */
export function misplaced(changes: readonly Uint8Array[]): Uint8Array {
  const [first] = changes;
  const parts = partsOf(listOfNulls()[1]);
  const last = parseChanges(changes.at(-1)!)[0]!;
  const author = partsOf(first!).actor;
  const [taken] = Automerge.applyChanges(Automerge.init(), [...changes]);
  const maxOp = Math.max(...Automerge.getChangesMetaSince(taken, []).map((change) => change.maxOp));
  Automerge.free(taken);
  // The first operation of all is not the object that it is taken for.
  return changeOf({
    ...parts,
    actor: Uint8Array.of(1, 2, 3),
    others: [author],
    deps: [last.hash],
    seq: 1,
    startOp: maxOp + 1,
    columns: renamed(parts.columns),
  });
}

/** Refers to the other actor's operations. */
function renamed(columns: ChangeParts['columns']): ChangeParts['columns'] {
  return columns.map(({ number, data }) =>
    number === objectActor
      ? { number, data: Uint8Array.from([...data.subarray(0, -1), 1]) }
      : { number, data },
  );
}

function listOfNulls(): [Uint8Array, Uint8Array] {
  const empty = Automerge.from<{ list: null[] }>({ list: [] }, { actor: 'aa' });
  const [first, second] = Automerge.getAllChanges(
    Automerge.change(empty, ({ list }) => void list.push(...Array<null>(40).fill(null))),
  );
  return [first!, second!];
}

function set({ columns }: ChangeParts, number: number, data: readonly number[]): void {
  const column = columns.find((each) => each.number === number)!;
  column.data = Uint8Array.from(data);
}

function uint(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function int(number: number): number[] {
  const bytes: number[] = [];
  for (let rest = number; ; rest >>= 7) {
    const byte = rest & 0x7f;
    const after = rest >> 7;
    if ((after === 0 && !(byte & 0x40)) || (after === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}
