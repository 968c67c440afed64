// A column of a change, read run by run without being unrolled: thirty bytes can say that a thousand million operations follow. Only
// the one way is accepted in which Automerge writes a column. It keeps no changes but their operations, and writes a change anew
// when somebody asks for it: written in any other way it would come out with another hash.
import { isUtf8 } from 'node:buffer';
import type { ByteReader } from './byte-reader.ts';
import { compareBytes } from './compare-bytes.ts';
import { malformed } from './malformed.ts';

/** More entries than these are in no column that can be read. */
const maxRun = 2 ** 31;

/** The same value so many times over. */
export interface RunReader {
  /** How often the current value comes again; 0 at the end of the column. */
  readonly left: number;
  /** Passes over so many, no more than are left of the current run. */
  advance(count: number): void;
}

/** What a column of values is read by. */
interface ValueKind<Value> {
  read(reader: ByteReader): Value;
  isSame(a: Value, b: Value): boolean;
}

export const uints: ValueKind<number> = {
  read: (reader) => reader.uint(),
  isSame: (a, b) => a === b,
};

export const ints: ValueKind<number> = {
  read: (reader) => reader.int(),
  isSame: (a, b) => a === b,
};

export const texts: ValueKind<Uint8Array> = {
  read: (reader) => {
    const text = reader.take(reader.uint());
    if (!isUtf8(text)) throw malformed('a text is not UTF-8');
    return text;
  },
  isSame: (a, b) => a.length === b.length && compareBytes(a, b) === 0,
};

/** Runs of a value, of nothing, and of values that differ. */
export class Runs<Value> implements RunReader {
  readonly #reader: ByteReader;
  readonly #kind: ValueKind<Value>;
  left = 0;
  /** Undefined where there is none, and at the end. */
  value: Value | undefined;
  /** How many values follow in a run of such that differ. */
  #literals = 0;
  #last: 'nothing yet' | 'value' | 'literal' | 'null' = 'nothing yet';

  constructor(reader: ByteReader, kind: ValueKind<Value>) {
    this.#reader = reader;
    this.#kind = kind;
    if (reader.isDone) throw malformed('a column is empty');
    this.#next();
    if (this.value === undefined && reader.isDone) throw malformed('a column holds nothing');
  }

  advance(count: number): void {
    this.left -= count;
    if (this.left === 0) this.#next();
  }

  #next(): void {
    if (this.#literals > 0) return this.#literal();
    if (this.#reader.isDone) {
      this.value = undefined;
      return;
    }
    const count = this.#reader.int();
    if (count < -maxRun || count > maxRun) throw malformed('a run is too long');
    if (count > 0) this.#run(count);
    else if (count < 0) this.#differing(-count);
    else this.#nulls(this.#reader.uint());
  }

  #run(count: number): void {
    const value = this.#kind.read(this.#reader);
    if (count === 1 || this.#isRepeated(value)) throw notAsWritten();
    this.#last = 'value';
    this.value = value;
    this.left = count;
  }

  #differing(count: number): void {
    if (this.#last === 'literal') throw notAsWritten();
    this.#literals = count;
    this.#literal();
    this.#last = 'literal';
  }

  #literal(): void {
    const value = this.#kind.read(this.#reader);
    if (this.#isRepeated(value)) throw notAsWritten();
    this.#literals--;
    this.value = value;
    this.left = 1;
  }

  #nulls(count: number): void {
    if (count === 0 || count > maxRun || this.#last === 'null') throw notAsWritten();
    this.#last = 'null';
    this.value = undefined;
    this.left = count;
  }

  #isRepeated(value: Value): boolean {
    return this.value !== undefined && this.#kind.isSame(this.value, value);
  }
}

/** Numbers, each written as its difference from the one before. */
export class DeltaRuns implements RunReader {
  readonly #runs: Runs<number>;
  #before = 0;

  constructor(reader: ByteReader) {
    this.#runs = new Runs(reader, ints);
  }

  get left(): number {
    return this.#runs.left;
  }

  /** The current number; undefined where there is none. */
  get value(): number | undefined {
    return this.at(0);
  }

  /** The number that comes so many further on in the current run. */
  at(distance: number): number | undefined {
    const { value } = this.#runs;
    return value === undefined ? undefined : this.#before + value * (distance + 1);
  }

  advance(count: number): void {
    this.#before = this.at(count - 1) ?? this.#before;
    if (!Number.isSafeInteger(this.#before)) throw malformed('a number is out of range');
    this.#runs.advance(count);
  }
}

/** Runs of no and yes, in turn. */
export class BooleanRuns implements RunReader {
  readonly #reader: ByteReader;
  left = 0;
  value = false;

  constructor(reader: ByteReader) {
    this.#reader = reader;
    if (reader.isDone) throw malformed('a column is empty');
    this.left = this.#count();
    if (this.left === 0) this.#next();
  }

  advance(count: number): void {
    this.left -= count;
    if (this.left === 0 && !this.#reader.isDone) this.#next();
  }

  #next(): void {
    this.value = !this.value;
    this.left = this.#count();
    if (this.left === 0) throw notAsWritten();
  }

  #count(): number {
    const count = this.#reader.uint();
    if (count > maxRun) throw malformed('a run is too long');
    return count;
  }
}

/** Of a column that is left out: the same value for ever. */
export class NoRuns implements RunReader {
  readonly left = Infinity;
  readonly value = undefined;

  at(): undefined {}

  advance(): void {}
}

function notAsWritten(): Error {
  return malformed('a column is not written as Automerge writes it');
}
