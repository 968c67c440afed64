// The columns of a change's operations, by the numbers under which Automerge writes them. One that would say nothing is left out.
import { ByteReader } from './byte-reader.ts';
import { malformed } from './malformed.ts';
import type { NamedActors } from './named-actors.ts';
import type { OperationBudget } from './operation-budget.ts';
import { References } from './references.ts';
import { BooleanRuns, DeltaRuns, NoRuns, type RunReader, Runs, texts, uints } from './runs.ts';

const objectActor = 0x01;
const objectCounter = 0x02;
const keyActor = 0x11;
const keyCounter = 0x13;
const keyText = 0x15;
const insert = 0x34;
const action = 0x42;
const valueKind = 0x56;
const value = 0x57;
const predecessors = 0x70;
const predecessorActor = 0x71;
const predecessorCounter = 0x73;
const expand = 0x94;
const markName = 0xa5;

const known: ReadonlySet<number> = new Set([
  objectActor,
  objectCounter,
  keyActor,
  keyCounter,
  keyText,
  insert,
  action,
  valueKind,
  value,
  predecessors,
  predecessorActor,
  predecessorCounter,
  expand,
  markName,
]);

/** Whether there is a column of this number. */
export function isColumn(number: number): boolean {
  return known.has(number);
}

type Data = ReadonlyMap<number, ByteReader>;

export class OperationColumns {
  readonly objectActor: Runs<number> | NoRuns;
  readonly objectCounter: Runs<number> | NoRuns;
  readonly keyActor: Runs<number> | NoRuns;
  readonly keyCounter: DeltaRuns | NoRuns;
  readonly keyText: Runs<Uint8Array> | NoRuns;
  readonly insert: BooleanRuns;
  readonly action: Runs<number>;
  readonly valueKind: Runs<number>;
  readonly predecessors: Runs<number>;
  readonly expand: BooleanRuns | NoRuns;
  readonly markName: Runs<Uint8Array> | NoRuns;
  /** Those that have an entry for each operation. */
  readonly side: readonly RunReader[];
  readonly values: ByteReader;
  readonly references: References;

  constructor(data: Data, actors: NamedActors, budget: OperationBudget) {
    this.objectActor = numbers(data, objectActor) ?? noRuns;
    this.objectCounter = numbers(data, objectCounter) ?? noRuns;
    this.keyActor = numbers(data, keyActor) ?? noRuns;
    this.keyCounter = data.has(keyCounter) ? new DeltaRuns(data.get(keyCounter)!) : noRuns;
    this.keyText = words(data, keyText);
    this.insert = new BooleanRuns(expected(data.get(insert)));
    this.action = expected(numbers(data, action));
    this.valueKind = expected(numbers(data, valueKind));
    this.predecessors = expected(numbers(data, predecessors));
    this.expand = data.has(expand) ? new BooleanRuns(data.get(expand)!) : noRuns;
    this.markName = words(data, markName);
    this.values = data.get(value) ?? new ByteReader(new Uint8Array());
    this.references = new References(
      data.get(predecessorActor),
      data.get(predecessorCounter),
      actors,
      budget,
    );
    const all: RunReader[] = [
      this.objectActor,
      this.objectCounter,
      this.keyActor,
      this.keyCounter,
      this.keyText,
      this.insert,
      this.action,
      this.valueKind,
      this.predecessors,
      this.expand,
      this.markName,
    ];
    this.side = all.filter((column) => column !== noRuns);
  }
}

const noRuns = new NoRuns();

function numbers(data: Data, column: number): Runs<number> | undefined {
  const reader = data.get(column);
  return reader && new Runs(reader, uints);
}

function words(data: Data, column: number): Runs<Uint8Array> | NoRuns {
  const reader = data.get(column);
  return reader ? new Runs(reader, texts) : noRuns;
}

function expected<Column>(column: Column | undefined): Column {
  if (column === undefined) throw malformed('a column is missing');
  return column;
}
