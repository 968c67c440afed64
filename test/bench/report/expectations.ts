// What was expected before anything was measured: Syncline's targets, and what its peers were predicted to
// cost on two cores. They stand beside the results so that a miss is seen.
import type { AutomergeServerName } from '../measure/automerge-server.ts';
import type { Replicating } from '../measure/layout.ts';
import type { SubjectName } from '../measure/subject.ts';

type Expected =
  | { readonly predicted: number }
  | { readonly atMost: number }
  /** At most so many times what another one costs in the same run. */
  | { readonly atMost: number; readonly times: SubjectName };

export interface Expectation {
  readonly unit: string;
  readonly of: Readonly<Partial<Record<SubjectName, Expected>>>;
}

export const burstExpectation: Expectation = {
  unit: 'µs',
  of: {
    syncline: { atMost: 25 },
    'syncline-native': { atMost: 0.8, times: 'syncline' },
    'y-websocket-2': { predicted: 33 },
    hocuspocus: { predicted: 55 },
    relay: { predicted: 11.5 },
  },
};

export const idleExpectation: Expectation = {
  unit: 'KB',
  of: {
    syncline: { atMost: 12 },
    'y-websocket-2': { predicted: 31 },
    hocuspocus: { predicted: 33 },
    relay: { predicted: 7 },
  },
};

export const openExpectation: Expectation = {
  unit: 'ms',
  of: { 'syncline-native': { atMost: 0.3, times: 'y-websocket-2' } },
};

/** From stored at one replica to seen at the other. */
export const replicationExpectation: Readonly<Partial<Record<Replicating, string>>> = {
  pair: 'p50 ≤ 10 ms, p99 ≤ 50 ms',
  'pair-one': 'p50 ≤ 10 ms, p99 ≤ 50 ms',
};

/**
 * Of Automerge documents, with what it is of the other server's: on a machine that is slower today, that is what can be compared. Those of
 * the other one are what it was found to need before.
 */
export const automergeExpectation: Readonly<Record<AutomergeServerName, AutomergeExpectation>> = {
  syncline: { change: '≤ 300 µs, 0.32 ×', disk: '≤ 5.5 MB, 0.25 ×', document: '≤ 40 KB, 0.29 ×' },
  'automerge-repo': { change: '930 µs, 1.00 ×', disk: '22 MB, 1.00 ×', document: '125–150 KB, 1.00 ×' },
};

interface AutomergeExpectation {
  readonly change: string;
  readonly disk: string;
  readonly document: string;
}

/** A value, and what it is of the relay's: on a machine that is slower today, that is what can be compared. */
export function expected({ unit, of }: Expectation, name: SubjectName): string {
  const own = of[name];
  if (!own) return '–';
  if ('times' in own) return `≤ ${own.atMost.toFixed(2)} × ${own.times}`;
  const text = 'atMost' in own ? `≤ ${own.atMost} ${unit}` : `${own.predicted} ${unit}`;
  const { relay } = of;
  if (!relay || !('predicted' in relay)) return text;
  const value = 'atMost' in own ? own.atMost : own.predicted;
  return `${text}, ${(value / relay.predicted).toFixed(2)} ×`;
}
