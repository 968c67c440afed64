// Reads the operations of a change through, without making any: each column on its own, and what the columns must say together. What
// passes does not make Automerge throw, now or when it writes the change anew.
import { isUtf8 } from 'node:buffer';
import { ByteReader } from './byte-reader.ts';
import { maxCounter, type ParsedChange } from './change.ts';
import { costly, malformed } from './malformed.ts';
import { NamedActors } from './named-actors.ts';
import { Nesting } from './nesting.ts';
import type { OperationBudget } from './operation-budget.ts';
import { isColumn, OperationColumns } from './operation-columns.ts';
import { checkValues, isInteger } from './values.ts';

/** With what the author begins that a change may name behind its columns. */
const authorMark = 1;

/** Maps, lists, texts, tables. */
const makesObject: ReadonlySet<number | undefined> = new Set([0, 2, 4, 6]);
const deleteAction = 3;
const incrementAction = 5;
const markAction = 7;

/** Reads what follows a change's header. Gives the number of its last operation. Throws `malformed_update` or `update_too_costly`. */
export function readOperations(reader: ByteReader, header: ParsedChange, budget: OperationBudget): number {
  // The time, which has to be a number in JavaScript.
  reader.int();
  if (!isUtf8(reader.take(reader.uint()))) throw malformed('a message is not UTF-8');
  const actors = NamedActors.read(reader, header.actor);
  const data = readColumns(reader);
  // What is left is kept as it is. An author is named by the first change of an actor, and Automerge ends where another one does.
  if (!reader.isDone && reader.bytes[reader.at] === authorMark && header.seq > 1)
    throw malformed('it names an author and is not the first of its actor');
  let maxOp = header.startOp - 1;
  if (data.size > 0) {
    const columns = new OperationColumns(data, actors, budget);
    maxOp = new Operations(columns, actors, header.startOp, budget).read();
  }
  actors.expectAllUsed();
  return maxOp;
}

function readColumns(reader: ByteReader): ReadonlyMap<number, ByteReader> {
  const sizes: [column: number, length: number][] = [];
  let last = 0;
  for (let count = reader.uint(); count > 0; count--) {
    const column = reader.uint();
    if (column <= last || !isColumn(column))
      throw malformed('it has columns that are not known, or not in order');
    sizes.push([column, reader.uint()]);
    last = column;
  }
  const data = new Map<number, ByteReader>();
  for (const [column, length] of sizes) {
    const start = reader.skip(length);
    data.set(column, new ByteReader(reader.bytes, start, reader.at));
  }
  return data;
}

/** Reads all columns side by side, as many operations at a time as are the same in each. */
class Operations {
  readonly #columns: OperationColumns;
  readonly #actors: NamedActors;
  readonly #budget: OperationBudget;
  readonly #nesting = new Nesting();
  readonly #startOp: number;
  /** The number of the operation that comes next. */
  #next: number;
  /** Set after the beginning of a mark, which only its end may follow. */
  #marked: { readonly actor: number | undefined; readonly counter: number | undefined } | undefined;

  constructor(columns: OperationColumns, actors: NamedActors, startOp: number, budget: OperationBudget) {
    this.#columns = columns;
    this.#actors = actors;
    this.#startOp = this.#next = startOp;
    this.#budget = budget;
  }

  /** Gives the number of the last operation. */
  read(): number {
    const { side, action, values, references } = this.#columns;
    while (action.left > 0) {
      let count = Infinity;
      for (const column of side) count = Math.min(count, column.left);
      if (count === 0) throw malformed('its columns are not equally long');
      this.#budget.left -= count;
      if (this.#budget.left < 0) throw costly('it has too many operations');
      this.#object(count);
      this.#key(count);
      this.#does();
      this.#mark(count);
      checkValues(this.#columns.valueKind.value, count, values);
      references.read(this.#columns.predecessors.value, count, this.#next);
      this.#next += count;
      if (this.#next > maxCounter) throw malformed('a number is out of range');
      for (const column of side) column.advance(count);
    }
    if (this.#marked) throw malformed('a mark has no end');
    if (side.some(({ left }) => left > 0 && left < Infinity) || !values.isDone || !references.isDone)
      throw malformed('its columns are not equally long');
    return this.#next - 1;
  }

  #object(count: number): void {
    const actor = this.#columns.objectActor.value;
    const counter = this.#columns.objectCounter.value;
    let depth = 0;
    if (actor !== undefined || counter !== undefined) {
      this.#expectEarlier(actor, counter, this.#next);
      if (actor === 0 && counter! >= this.#startOp) depth = this.#nesting.depthOf(counter!);
    }
    if (makesObject.has(this.#columns.action.value)) this.#nesting.make(this.#next, count, depth + 1);
  }

  #key(count: number): void {
    const { keyActor, keyCounter, keyText, insert } = this.#columns;
    const first = keyCounter.at(0);
    const last = keyCounter.at(count - 1);
    if (keyText.value !== undefined) {
      if (keyActor.value !== undefined || first !== undefined || insert.value)
        throw malformed('an operation has two keys');
    } else if (keyActor.value === undefined) {
      // The beginning of a list, which only an insertion can come after.
      if (first !== 0 || last !== 0 || !insert.value) throw malformed('an operation has no key');
    } else {
      // In between, both numbers grow evenly.
      this.#expectEarlier(keyActor.value, first, this.#next);
      this.#expectEarlier(keyActor.value, last, this.#next + count - 1);
    }
  }

  #does(): void {
    const { action, valueKind, insert, predecessors } = this.#columns;
    const does = action.value;
    if (does === undefined || does > markAction) throw malformed('an operation does what is not known');
    if (does === deleteAction && insert.value) throw malformed('an operation inserts and deletes');
    if ((does === deleteAction || makesObject.has(does)) && valueKind.value !== 0)
      throw malformed('an operation has a value that it does not keep');
    if (does === incrementAction && !isInteger(valueKind.value)) throw malformed('an increment is no number');
    if (insert.value && predecessors.value !== 0)
      throw malformed('an insertion takes the place of something');
  }

  /** A mark is an insertion with a name, and at once one without: a document with one alone is never loaded again. */
  #mark(count: number): void {
    const { action, insert, markName, expand, objectActor, objectCounter } = this.#columns;
    if (action.value !== markAction) {
      if (markName.value !== undefined || expand.value) throw malformed('an operation is marked and no mark');
      if (this.#marked) throw malformed('a mark has no end');
      return;
    }
    if (count > 1 || !insert.value) throw malformed('a mark has no end');
    const actor = objectActor.value;
    const counter = objectCounter.value;
    if (!this.#marked) {
      if (markName.value === undefined) throw malformed('a mark has no beginning');
      this.#marked = { actor, counter };
      return;
    }
    if (markName.value !== undefined || this.#marked.actor !== actor || this.#marked.counter !== counter)
      throw malformed('a mark has no end');
    this.#marked = undefined;
  }

  #expectEarlier(actor: number | undefined, counter: number | undefined, than: number): void {
    this.#actors.use(actor);
    if (counter === undefined || counter < 1 || counter >= than)
      throw malformed('an operation refers to what cannot be before it');
  }
}
