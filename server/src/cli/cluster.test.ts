import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, clusterOf } from './cluster.ts';
import { serveOptions } from './options.ts';
import { type Environment, readOptions, UsageError } from './read-options.ts';

const near = 'ws://127.0.0.1:7071/replicate';
const far = 'wss://sync.example/replicate';
let folder: string;
let keyFile: string;
let tokenKeyFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-'));
  keyFile = join(folder, 'cluster-key');
  writeFileSync(keyFile, 'a key that is long enough for the tests\n');
  tokenKeyFile = join(folder, 'token-key');
  writeFileSync(tokenKeyFile, 'another that is long enough for the tests\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

function cluster(flags: readonly string[], environment: Environment = {}): Cluster {
  return clusterOf(readOptions(serveOptions, flags, environment));
}

describe('the peers of a replica', () => {
  it('[OPR1] are a flag that repeats, a variable with commas and an array in the config file', () => {
    const both = [near, 'ws://localhost:7072/replicate'];
    expect(cluster(both.flatMap((url) => ['--peer', url])).peers).toEqual(both);
    expect(cluster([], { SYNCLINE_PEER: both.join(', ') }).peers).toEqual(both);
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ peer: both }));
    expect(cluster(['--config', config]).peers).toEqual(both);
    expect(cluster(['--config', config, '--peer', near]).peers).toEqual([near]);
    expect(cluster([]).peers).toEqual([]);
  });

  it('[OPR1] are each dialed once', () => {
    expect(cluster(['--peer', near, '--peer', near]).peers).toEqual([near]);
  });

  it.each([
    'http://127.0.0.1:7071/replicate',
    'ws://127.0.0.1:7071',
    'ws://127.0.0.1:7071/sync',
    'ws://127.0.0.1:7071/replicate/',
    'ws://127.0.0.1:7071/replicate?token=x',
    'ws://127.0.0.1:7071/replicate#x',
    'ws://anna:secret@127.0.0.1:7071/replicate',
    '127.0.0.1:7071',
    'east',
  ])('[OPR1] are WebSocket URLs of this path, not %s', (url) => {
    expect(() => cluster(['--peer', url])).toThrow(UsageError);
    expect(() => cluster(['--peer', url])).toThrow(/^--peer is a URL such as ws:.*\.$/);
  });

  it.each([[['--peer', '']], [['--peer', `${near},,`]]])('[OPR1] are none of %j', (flags) => {
    expect(() => cluster(flags)).toThrow('--peer needs a value.');
  });
});

describe('who may replicate', () => {
  it('[OPR2] is everybody where everybody may connect', () => {
    expect(cluster([])).toEqual({
      name: 'default',
      peers: [],
      key: new Uint8Array(0),
      isReplicated: true,
    });
  });

  it('[OPR2] is whoever has the cluster key, if there is one', () => {
    for (const flags of [[], ['--token-key-file', tokenKeyFile]]) {
      const { key, isReplicated, peers } = cluster([...flags, '--cluster-key-file', keyFile, '--peer', far]);
      expect(new TextDecoder().decode(key)).toBe('a key that is long enough for the tests');
      expect([isReplicated, peers]).toEqual([true, [far]]);
    }
  });

  it('[OPR2] is nobody who may only sign tokens', () => {
    expect(() => cluster(['--cluster-key-file', keyFile, '--token-key-file', keyFile])).toThrow(
      /^Whoever signs tokens must not be able to replicate: .* are two keys\.$/,
    );
  });

  it('[OPR2] is nobody where tokens are needed and there is no cluster key', () => {
    const tokens = ['--token-key-file', 'of-no-matter'];
    expect(cluster(tokens).isReplicated).toBe(false);
    expect(() => cluster([...tokens, '--peer', near])).toThrow(
      /^With a token key, .* --peer needs --cluster-key-file beside --token-key-file\.$/,
    );
  });

  it('[OPR2] is dialed beyond this machine with a key, or if that is meant', () => {
    expect(() => cluster(['--peer', near, '--peer', far])).toThrow(
      /^Replicating with wss:\/\/sync\.example\/replicate without a cluster key .* --insecure .*\.$/,
    );
    expect(cluster(['--peer', far, '--insecure']).peers).toEqual([far]);
  });

  it('[OPR2] has a key that can be read and is long enough', () => {
    const short = join(folder, 'short');
    writeFileSync(short, 'too short');
    expect(() => cluster(['--cluster-key-file', short])).toThrow(/^The key in .* has 9 bytes and needs 32/);
    expect(() => cluster(['--cluster-key-file', join(folder, 'none')])).toThrow(/^The key file .* ENOENT\.$/);
  });
});
