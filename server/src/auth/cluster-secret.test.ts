import { describe, expect, it } from 'vitest';
import { ClusterSecret } from './cluster-secret.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = new ClusterSecret(bytes('a key that is long enough for the tests'));
const other = new ClusterSecret(bytes('another key that is long enough as well'));
const parts = [bytes('one'), bytes('two')];

describe('the secret of a cluster', () => {
  it('[OPR2] proves what it was given, and nothing else', () => {
    const proof = secret.prove('hello', parts);
    expect(proof).toHaveLength(32);
    expect(secret.isProof(proof, 'hello', parts)).toBe(true);
    expect(secret.isProof(proof, 'welcome', parts)).toBe(false);
    expect(secret.isProof(proof, 'hello', [bytes('one'), bytes('tow')])).toBe(false);
    expect(secret.isProof(proof, 'hello', [bytes('onet'), bytes('wo')])).toBe(false);
    expect(secret.isProof(proof, 'hello', [bytes('onetwo')])).toBe(false);
    expect(secret.isProof(proof, 'helloo', [bytes('ne'), bytes('two')])).toBe(false);
    expect(other.isProof(proof, 'hello', parts)).toBe(false);
  });

  it('[OPR2] takes no proof that was cut off or changed', () => {
    const proof = secret.prove('hello', parts);
    for (const cut of [new Uint8Array(0), proof.subarray(0, 31), Uint8Array.of(...proof, 0)]) {
      expect(secret.isProof(cut, 'hello', parts)).toBe(false);
    }
    for (let at = 0; at < proof.length; at++) {
      const changed = Uint8Array.from(proof, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(secret.isProof(changed, 'hello', parts)).toBe(false);
    }
  });

  it('[OPR2] gives each cluster a digest key of its own, the same on every replica', () => {
    const key = secret.digestKey('east');
    expect(key).toHaveLength(16);
    expect(new ClusterSecret(bytes('a key that is long enough for the tests')).digestKey('east')).toEqual(
      key,
    );
    expect(secret.digestKey('west')).not.toEqual(key);
    expect(other.digestKey('east')).not.toEqual(key);
  });

  it('[OPR2] that is empty proves to everybody else who has none', () => {
    const open = new ClusterSecret(new Uint8Array(0));
    expect(new ClusterSecret(new Uint8Array(0)).isProof(open.prove('hello', parts), 'hello', parts)).toBe(
      true,
    );
    expect(secret.isProof(open.prove('hello', parts), 'hello', parts)).toBe(false);
  });

  it('[OPR2] draws bytes that differ each time', () => {
    expect(secret.draw(16)).toHaveLength(16);
    expect(secret.draw(16)).not.toEqual(secret.draw(16));
  });
});
