// The secret of a cluster, by node:crypto: proofs are HMAC-SHA256 under it, and so is the key of the cluster's digests.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../port/secret.ts';

const digestKeyBytes = 16;

export class ClusterSecret implements Secret {
  readonly #key: Uint8Array;

  /** An empty key makes proofs that everybody can make: for a cluster that is open. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  prove(label: string, parts: readonly Uint8Array[]): Uint8Array {
    const hmac = createHmac('sha256', this.#key);
    // Each with its length before it: what is moved from one part to the next would otherwise prove the same.
    for (const part of [Buffer.from(label), ...parts]) hmac.update(lengthOf(part)).update(part);
    return hmac.digest();
  }

  isProof(proof: Uint8Array, label: string, parts: readonly Uint8Array[]): boolean {
    const expected = this.prove(label, parts);
    return proof.length === expected.length && timingSafeEqual(proof, expected);
  }

  draw(length: number): Uint8Array {
    return randomBytes(length);
  }

  /** 16 bytes under which all replicas of a cluster make their digests. No proof begins as this does: its label is too long. */
  digestKey(cluster: string): Uint8Array {
    const hmac = createHmac('sha256', this.#key).update(`syncline digest key ${cluster}`);
    return Uint8Array.from(hmac.digest().subarray(0, digestKeyBytes));
  }
}

function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(part.length);
  return bytes;
}
