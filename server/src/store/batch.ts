// Drafts on their way to the writer thread: packed, so that one buffer crosses however many there are.
import type { DocumentName } from '@syncline/shared';
import type { Draft } from '../port/journal.ts';
import { packUpdates } from './row.ts';

export interface Batch {
  readonly names: readonly string[];
  readonly engines: readonly string[];
  /** `numbersADraft` numbers a draft, in the order of `Place`. */
  readonly numbers: Float64Array;
  /** For each draft its digest, its packed updates, and the burial if it has one. */
  readonly data: Uint8Array;
  readonly memories: readonly Memory[];
}

/** What is kept under a key; an empty value takes the key away. */
export interface Memory {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface NamedDraft {
  readonly name: DocumentName;
  readonly draft: Draft;
}

/** A draft as it comes out of a batch, its bytes views of the batch's. */
export interface PackedDraft {
  readonly name: string;
  readonly engine: string;
  /** 0 for a new one. */
  readonly document: number;
  readonly previous: number;
  readonly incarnation: number;
  readonly digest: Buffer;
  readonly updates: Buffer;
  readonly burial: Buffer | undefined;
}

const Place = { document: 0, previous: 1, incarnation: 2, updatesLength: 3, burialLength: 4 } as const;
const numbersADraft = 5;
const digestBytes = 16;
const noBurial = -1;

export function packBatch(drafts: readonly NamedDraft[], memories: readonly Memory[]): Batch {
  const packed = drafts.map(({ draft }) => packUpdates(draft.updates));
  const numbers = new Float64Array(drafts.length * numbersADraft);
  let size = 0;
  drafts.forEach(({ draft: { document, previous, incarnation, burial } }, index) => {
    const start = index * numbersADraft;
    numbers[start + Place.document] = document ?? 0;
    numbers[start + Place.previous] = previous;
    numbers[start + Place.incarnation] = incarnation;
    numbers[start + Place.updatesLength] = packed[index]!.length;
    numbers[start + Place.burialLength] = burial?.length ?? noBurial;
    size += digestBytes + packed[index]!.length + (burial?.length ?? 0);
  });
  const data = new Uint8Array(size);
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    data.set(bytes, at);
    at += bytes.length;
  };
  drafts.forEach(({ draft: { digest, burial } }, index) => {
    put(digest);
    put(packed[index]!);
    if (burial) put(burial);
  });
  const names = drafts.map(({ name }) => name);
  return { names, engines: drafts.map(({ draft }) => draft.engine), numbers, data, memories };
}

export function* draftsOf({ names, engines, numbers, data }: Batch): Generator<PackedDraft> {
  let at = 0;
  const take = (length: number): Buffer => {
    // better-sqlite3 takes Buffers; these share the batch's memory.
    const bytes = Buffer.from(data.buffer, data.byteOffset + at, length);
    at += length;
    return bytes;
  };
  for (let index = 0; index < names.length; index++) {
    const start = index * numbersADraft;
    const burialLength = numbers[start + Place.burialLength]!;
    yield {
      name: names[index]!,
      engine: engines[index]!,
      document: numbers[start + Place.document]!,
      previous: numbers[start + Place.previous]!,
      incarnation: numbers[start + Place.incarnation]!,
      digest: take(digestBytes),
      updates: take(numbers[start + Place.updatesLength]!),
      burial: burialLength === noBurial ? undefined : take(burialLength),
    };
  }
}
