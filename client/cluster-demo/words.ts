// Times and numbers as the page says them.
import type { LinkNow, Way } from './snapshot.ts';

/** As of when, by the clock on the wall. */
export function clockText(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}

/** How long: the tenths matter at first alone. */
export function ageText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

export function roundTripText(ms: number | undefined): string {
  if (ms === undefined) return '';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms round trip`;
}

/** Whether one end of a link has what the other lacks, for longer than the blink of an eye. */
export function isOwed({ pendingDocuments, unconfirmedAgeMs }: Way): boolean {
  return pendingDocuments > 0 && unconfirmedAgeMs > blinkMs;
}

export function lagText(way: Way): string {
  if (!isOwed(way)) return 'nothing waits';
  const { pendingDocuments, unconfirmedAgeMs } = way;
  return `${pendingDocuments === 1 ? '1 document' : `${pendingDocuments} documents`}, ${ageText(unconfirmedAgeMs)}`;
}

const blinkMs = 300;

/** 'Lisbon, Oslo and Nairobi' */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Where a link is on its way. */
export function stateText({ isCut, isConnected, state }: LinkNow): string {
  if (isCut) return 'Cut';
  if (!isConnected) return state === 'refused' ? 'Refused' : 'Dialing';
  return steps[state] ?? 'Live';
}

const steps: Readonly<Record<string, string>> = {
  resuming: 'Resuming',
  auditing: 'Comparing',
  pulling: 'Catching up',
};
