// Changes as an enemy or a bug would make them: real ones, changed a little where it hurts, each with the checksum that it should have.
import { hashOf } from '@syncline/server/engine/automerge/chunk.ts';
import { ByteReader } from '@syncline/server/engine/automerge/byte-reader.ts';
import { changeType, hashBytes } from '@syncline/shared/automerge/chunk.ts';
import type { SeededRandom } from '../support/random.ts';
import { mutate } from './mutate.ts';

/** A change that is not deflated, in the parts that it consists of. */
export interface ChangeParts {
  deps: Uint8Array[];
  actor: Uint8Array;
  seq: number;
  startOp: number;
  time: Uint8Array;
  message: Uint8Array;
  others: Uint8Array[];
  columns: { number: number; data: Uint8Array }[];
  extra: Uint8Array;
}

export function partsOf(change: Uint8Array): ChangeParts {
  const reader = new ByteReader(change);
  reader.skip(9);
  reader.uint();
  const bytes = (): Uint8Array => reader.take(reader.uint()).slice();
  const list = <Item>(read: () => Item): Item[] => Array.from({ length: reader.uint() }, read);
  const deps = list(() => reader.take(hashBytes).slice());
  const actor = bytes();
  const seq = reader.uint();
  const startOp = reader.uint();
  const timeStart = reader.at;
  reader.skipLong(true);
  const time = change.slice(timeStart, reader.at);
  const message = bytes();
  const others = list(bytes);
  const sizes = list(() => [reader.uint(), reader.uint()] as const);
  const columns = sizes.map(([number, length]) => ({ number, data: reader.take(length).slice() }));
  return { deps, actor, seq, startOp, time, message, others, columns, extra: change.slice(reader.at) };
}

/** A chunk with the checksum of these parts. */
export function changeOf(parts: ChangeParts): Uint8Array {
  const { deps, actor, seq, startOp, time, message, others, columns, extra } = parts;
  return sign(
    Buffer.concat([
      uint(deps.length),
      ...deps,
      prefixed(actor),
      uint(seq),
      uint(startOp),
      time,
      prefixed(message),
      uint(others.length),
      ...others.map(prefixed),
      uint(columns.length),
      ...columns.flatMap(({ number, data }) => [uint(number), uint(data.length)]),
      ...columns.map(({ data }) => data),
      extra,
    ]),
  );
}

/** A change of this body, in a frame with its checksum. */
function sign(body: Uint8Array): Uint8Array {
  const framed = Buffer.concat([Buffer.of(changeType), uint(body.length), body]);
  return new Uint8Array(
    Buffer.concat([Buffer.of(0x85, 0x6f, 0x4a, 0x83), hashOf(framed).subarray(0, 4), framed]),
  );
}

const mutations: ((random: SeededRandom, parts: ChangeParts, other: ChangeParts) => void)[] = [
  mutateColumn,
  mutateColumn,
  mutateColumn,
  mutateColumn,
  (random, parts, other) => {
    const { columns } = other;
    if (columns.length === 0) return;
    const taken = random.pick(columns);
    const at = parts.columns.findIndex(({ number }) => number === taken.number);
    if (at >= 0) parts.columns[at] = taken;
    else parts.columns = [...parts.columns, taken].toSorted((a, b) => a.number - b.number);
  },
  (random, parts) => void parts.columns.splice(random.below(parts.columns.length + 1), 1),
  (random, parts) => (parts.seq = Math.max(0, parts.seq + random.below(5) - 2)),
  (random, parts) =>
    (parts.startOp = random.oneIn(4) ? random.word() : Math.max(0, parts.startOp + random.below(9) - 4)),
  (random, parts) => void parts.deps.splice(random.below(parts.deps.length + 1), 1),
  (random, parts) => void (parts.deps.length > 0 && parts.deps.push(random.pick(parts.deps))),
  (_, parts) => (parts.deps = parts.deps.toReversed()),
  (random, parts, other) =>
    (parts.actor = random.pick([other.actor, ...parts.others, parts.actor.subarray(1)])),
  (random, parts, other) => (parts.others = random.pick([other.others, [...parts.others, other.actor], []])),
  (random, parts) => (parts.extra = Uint8Array.from({ length: random.below(30) }, () => random.below(256))),
  (random, parts, other) => (parts.time = mutate(random, parts.time, other.time)),
  (random, parts, other) => (parts.message = mutate(random, parts.message, other.message)),
];

function mutateColumn(random: SeededRandom, parts: ChangeParts, other: ChangeParts): void {
  if (parts.columns.length === 0) return;
  const column = random.pick(parts.columns);
  const material = other.columns.length > 0 ? random.pick(other.columns).data : column.data;
  column.data = mutate(random, column.data, material);
}

/** One to three changes. `other` is another change, of which parts are taken. */
export function mutateChange(random: SeededRandom, change: Uint8Array, other: Uint8Array): Uint8Array {
  const parts = partsOf(change);
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times--)
    random.pick(mutations)(random, parts, partsOf(other));
  return changeOf(parts);
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([uint(bytes.length), bytes]);
}

function uint(number: number): Uint8Array {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
