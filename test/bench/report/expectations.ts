// What was expected before anything was measured: Syncline's targets, and what its peers were predicted to
// cost on two cores. They stand beside the results so that a miss is seen.
import type { PeerName } from '../measure/peer.ts';

export interface Expectation {
  readonly unit: string;
  /** Syncline is to stay at or below this. */
  readonly target: number;
  readonly predicted: Readonly<Partial<Record<PeerName, number>>>;
}

export const burstExpectation: Expectation = {
  unit: 'µs',
  target: 25,
  predicted: { 'y-websocket-2': 33, hocuspocus: 55, relay: 11.5 },
};

export const idleExpectation: Expectation = {
  unit: 'KB',
  target: 12,
  predicted: { 'y-websocket-2': 31, hocuspocus: 33, relay: 7 },
};

/** The value, and what it is of the relay's: on a machine that is slower today, that is what can be compared. */
export function expected({ unit, target, predicted }: Expectation, peer: PeerName): string {
  const value = peer === 'syncline' ? target : predicted[peer];
  if (value === undefined || predicted.relay === undefined) return '–';
  const ratio = (value / predicted.relay).toFixed(2);
  return `${peer === 'syncline' ? '≤ ' : ''}${value} ${unit}, ${ratio} ×`;
}
