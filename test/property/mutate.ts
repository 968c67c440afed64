// Bytes as an enemy, a bug or a broken wire would send them: real updates, changed a little.
import type { SeededRandom } from '../support/random.ts';

type Mutation = (random: SeededRandom, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  flipBit,
  replaceByte,
  replaceByte,
  changeNumber,
  changeNumber,
  insert,
  remove,
  splice,
  append,
  cut,
];

/** One to three changes. `other` is another update, of which parts are taken. */
export function mutate(random: SeededRandom, update: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes: Uint8Array = update.slice();
  for (let change = random.pick([1, 1, 1, 2, 3]); change > 0 && bytes.length > 0; change--) {
    bytes = random.pick(mutations)(random, bytes, other);
  }
  return bytes;
}

function flipBit(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
}

/** Small values are the counts, kinds and clocks that an update consists of. */
function replaceByte(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  bytes[random.below(bytes.length)] = random.oneIn(2) ? random.below(12) : random.below(256);
  return bytes;
}

/** A byte becomes a number of several bytes, up to far beyond what is safe. */
function changeNumber(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  if (random.oneIn(2)) {
    bytes[at] = Math.max(0, bytes[at]! + random.pick([-2, -1, 1, 2]));
    return bytes;
  }
  const digits = Array.from({ length: random.below(9) }, () => 0x80 | random.below(128));
  return joined(bytes.subarray(0, at), Uint8Array.of(...digits, random.below(128)), bytes.subarray(at + 1));
}

function insert(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const inserted = Uint8Array.from({ length: 1 + random.below(3) }, () => random.below(256));
  return joined(bytes.subarray(0, at), inserted, bytes.subarray(at));
}

function remove(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(3)));
}

function splice(random: SeededRandom, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const from = random.below(other.length);
  const part = other.subarray(from, from + 1 + random.below(12));
  const at = random.below(bytes.length);
  return joined(bytes.subarray(0, at), part, bytes.subarray(random.oneIn(2) ? at : at + part.length));
}

function append(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  return joined(
    bytes,
    Uint8Array.from({ length: 1 + random.below(4) }, () => random.below(3)),
  );
}

function cut(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
