// What a checked update holds: what its changes say of themselves.
import type { Summary } from '../../port/engine.ts';
import type { ParsedChange } from './change.ts';

/** A change whose operations were read. */
export type CheckedChange = ParsedChange & { readonly maxOp: number };

export interface AutomergeSummary {
  readonly changes: readonly CheckedChange[];
  /** The changes as chunks of their own, to which `start` and `end` then refer, of an update that came as a whole document. */
  readonly expanded?: Uint8Array;
}

export function asSummary(summary: AutomergeSummary): Summary {
  return summary as unknown as Summary;
}

export function fromSummary(summary: Summary): AutomergeSummary {
  return summary as unknown as AutomergeSummary;
}
