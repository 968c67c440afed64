// The shipped secret of a cluster, with bytes that are drawn from the seed.
import { ClusterSecret } from '@syncline/server/auth/cluster-secret.ts';
import type { Secret } from '@syncline/server/port/secret.ts';
import type { SeededRandom } from '../../support/random.ts';

const key = new TextEncoder().encode('a key that is known to all of this cluster');

export function simulatedSecret(random: SeededRandom): Secret {
  const secret = new ClusterSecret(key);
  return {
    prove: (label, parts) => secret.prove(label, parts),
    isProof: (proof, label, parts) => secret.isProof(proof, label, parts),
    draw: (length) => Uint8Array.from({ length }, () => random.below(256)),
  };
}
