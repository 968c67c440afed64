// Holds PROTOCOL.md to the source: its tables, its vectors, its numbers; and the schema to its version.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEncoder, toUint8Array } from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { maxDocumentNameBytes } from '../document-name.ts';
import { fingerprint, hashDeletions } from '../fingerprint.ts';
import { headsFingerprint } from '../heads-fingerprint.ts';
import { decodeHeadsRequest, encodeHeadsRequest } from '../heads-request.ts';
import { downCodec, upCodec } from './codec.ts';
import { maxEphemeralBytes } from './ephemeral.ts';
import { fieldCodecs, type FieldKind, maxListEntries } from './field.ts';
import { maxSilenceMs, signOfLifeMs } from './life.ts';
import { down, protocolVersion, up } from './messages.ts';

const text = readFileSync(join(import.meta.dirname, '../../../PROTOCOL.md'), 'utf8');

/** What stands under a heading, up to the next one of any level. */
function section(heading: string): string {
  const [, ...parts] = text.split(/^#+ /m);
  const found = parts.filter((part) => part.startsWith(`${heading}\n`));
  if (found.length !== 1) throw new Error(`PROTOCOL.md has ${found.length} sections '${heading}'`);
  return found[0]!;
}

/** The cells of a section's table, without its head. */
function rows(heading: string): string[][] {
  const lines = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

type Fields = readonly (readonly [name: string, kind: FieldKind])[];
type Table = Readonly<
  Record<string, { readonly type: number; readonly fields: Readonly<Record<string, FieldKind>> }>
>;

function fieldsOf(cell: string): Fields {
  return [...cell.matchAll(/`(\w+)` (\w+)/g)].map(([, name, kind]) => [name!, kind as FieldKind]);
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A message as JSON is a message whose bytes are hexadecimal, and null where something is absent. */
function fromJson(table: Table, json: string): Record<string, unknown> {
  const message = JSON.parse(json) as Record<string, unknown> & { say: string };
  const fields = Object.entries(table[message.say]!.fields);
  expect(Object.keys(message)).toEqual(['say', ...fields.map(([name]) => name)]);
  return {
    say: message.say,
    ...Object.fromEntries(fields.map(([name, kind]) => [name, valueOf(kind, message[name])])),
  };
}

function valueOf(kind: FieldKind, value: unknown): unknown {
  switch (kind) {
    case 'uint':
    case 'text':
    case 'texts':
      return value;
    case 'bytes':
      return fromHex(value as string);
    case 'optionalBytes':
      return value === null ? undefined : fromHex(value as string);
    case 'updates':
      return (value as string[]).map(fromHex);
    case 'presence':
      return (value as { state: string | null }[]).map((entry) => ({
        ...entry,
        state: valueOf('optionalBytes', entry.state),
      }));
    case 'resume': {
      if (value === null) return undefined;
      const resume = value as { replica: string; epoch: string };
      return { ...resume, replica: fromHex(resume.replica), epoch: fromHex(resume.epoch) };
    }
  }
}

describe.each([
  { who: 'a client says', table: up as Table },
  { who: 'a server says', table: down as Table },
])('what $who', ({ who, table }) => {
  it('[NAT12] has the types, fields and kinds that PROTOCOL.md gives', () => {
    const documented = rows(`What ${who}`).map(([type, say, fields]) => [
      say,
      Number(type),
      fieldsOf(fields!),
    ]);
    const actual = Object.entries(table).map(([say, { type, fields }]) => [
      say,
      type,
      Object.entries(fields),
    ]);
    expect(documented).toEqual(actual);
  });
});

describe.each([
  { heading: 'Said by a client', table: up as Table, codec: upCodec },
  { heading: 'Said by a server', table: down as Table, codec: downCodec },
])('the vectors: $heading', ({ heading, table, codec }) => {
  const vectors = rows(heading).map(([json, frame]) => [json!, frame!] as const);

  it.each(vectors)('[NAT12] %s', (json, frame) => {
    const message = fromJson(table, json);
    expect(toHex(codec.encode(message as never))).toBe(frame);
    expect(codec.decode(fromHex(frame))).toEqual(message);
  });

  it('[NAT12] are at least two of each message that has fields', () => {
    const names = vectors.map(([json]) => (JSON.parse(json) as { say: string }).say);
    for (const [say, { fields }] of Object.entries(table)) {
      const isAlwaysTheSame = Object.keys(fields).length === 0;
      expect([say, names.filter((name) => name === say).length >= (isAlwaysTheSame ? 1 : 2)]).toEqual([
        say,
        true,
      ]);
    }
  });
});

it.each(rows('Fingerprints'))(
  '[NAT7] the fingerprint of %s without %s is %s',
  (clocks, deletions, expected) => {
    const held = JSON.parse(clocks) as [number, number][];
    const deleted = JSON.parse(deletions) as [number, number[]][];
    expect(toHex(fingerprint(held, hashDeletions(deleted)))).toBe(expected);
  },
);

it.each(rows('Heads'))('[NAT7] [NAT15] the fingerprint of the heads %s is %s', (heads, expected) => {
  const hashes = (JSON.parse(heads) as string[]).map(fromHex);
  expect(toHex(headsFingerprint(hashes))).toBe(expected);
  expect(toHex(headsFingerprint(hashes.toReversed()))).toBe(expected);
});

it.each(rows('Heads requests'))(
  '[NAT15] the request of heads %s and samples %s is %s',
  (heads, samples, expected) => {
    const held = {
      heads: (JSON.parse(heads) as string[]).map(fromHex),
      samples: (JSON.parse(samples) as string[]).map(fromHex),
    };
    expect(toHex(encodeHeadsRequest(held))).toBe(expected);
    expect(decodeHeadsRequest(fromHex(expected))).toEqual(held);
  },
);

it('[NAT12] PROTOCOL.md knows every kind of field, and the numbers that the source has', () => {
  expect(rows('Frames').map(([kind]) => kind)).toEqual(Object.keys(fieldCodecs));
  expect(section('Versions')).toContain(`This is version ${protocolVersion}.`);
  expect(section('Frames')).toContain(`at most ${maxListEntries.toLocaleString('en')} entries`);
  expect(section('Limits')).toContain(`| ${maxListEntries.toLocaleString('en')} |`);
  expect(section('Limits')).toContain(`1 to ${maxDocumentNameBytes} bytes`);
  expect(section('Ephemeral messages')).toContain(`at most ${maxEphemeralBytes / 1024} KiB`);
  expect(section('Signs of life')).toContain(`at least every ${signOfLifeMs / 1_000} s`);
  expect(section('Signs of life')).toContain(`heard nothing for ${maxSilenceMs / 1_000} s`);
});

/** Of each kind some values, whose bytes stand for its definition. */
const samples: { readonly [Kind in FieldKind]: readonly unknown[] } = {
  uint: [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER],
  text: ['', 'name', 'ü👋'],
  texts: [[], ['', 'name', 'ü👋']],
  bytes: [new Uint8Array(0), new Uint8Array(200).fill(7)],
  optionalBytes: [undefined, new Uint8Array(0), Uint8Array.of(1, 2)],
  updates: [[], [new Uint8Array(0)], [Uint8Array.of(1), Uint8Array.of(2, 3)]],
  presence: [
    [],
    [
      { client: 1, clock: 128, state: undefined },
      { client: 300, clock: 0, state: Uint8Array.of(1, 2) },
    ],
  ],
  resume: [
    undefined,
    { replica: new Uint8Array(16).fill(1), epoch: new Uint8Array(8).fill(2), position: 3, headSeen: 400 },
  ],
};

function bytesOf(kind: FieldKind, value: unknown): string {
  const encoder = createEncoder();
  fieldCodecs[kind].write(encoder, value as never);
  return toHex(toUint8Array(encoder));
}

/** Of each version what its frames look like. A version that has been published stays here as it is. */
const schemaHashes: Readonly<Record<number, string>> = {
  1: '9bb5e13b32bd95b49cd0512451c027ed5b08b7bc74de3e4693d4613ba13f1327',
};

it('[NAT12] the schema is the one that has this version', () => {
  const kinds = Object.keys(fieldCodecs).map((name) => {
    const kind = name as FieldKind;
    return [kind, samples[kind].map((value) => bytesOf(kind, value))];
  });
  const tables = [up, down].map((table: Table) =>
    Object.entries(table).map(([say, { type, fields }]) => [say, type, Object.entries(fields)]),
  );
  const schema = JSON.stringify({ tables, kinds });
  expect(createHash('sha256').update(schema).digest('hex')).toBe(schemaHashes[protocolVersion]);
});
