// The one sentence over everything, and why it is so. It says no more than the replicas say of themselves. Pure.
import { isSame, partsOf, verifiedAtMs } from './agreement.ts';
import type { LinkNow, Snapshot } from './snapshot.ts';
import { ageText, clockText, listed } from './words.ts';

export interface Headline {
  /**
   * `equal`: verified a moment ago. `settling`: they can reach each other, and have not all said the same yet. `apart`: some
   * cannot reach the others. `unknown`: one of them does not answer.
   */
  readonly mood: 'equal' | 'settling' | 'apart' | 'unknown';
  readonly text: string;
  readonly why: string;
}

/** Replicas tell each other what they hold every five seconds; what is older than this is not of now. */
const freshMs = 12_000;
/** What is on its way for longer shows. */
const noticedMs = 1_000;

/** What the page remembers, in milliseconds since 1970. */
export interface Memory {
  /** As of when all were last verified equal; undefined if that was never heard. */
  readonly verifiedMs: number | undefined;
  /** When some of them could last not reach the others; undefined for never. */
  readonly apartMs: number | undefined;
}

export function headlineOf(snapshot: Snapshot, { verifiedMs, apartMs }: Memory, nowMs: number): Headline {
  const { replicas, links } = snapshot;
  const silent = replicas.filter(({ says }) => !says);
  if (silent.length > 0) {
    const names = listed(silent.map(({ name }) => name));
    const why = 'The others go on without it.';
    return { mood: 'unknown', text: `${names} ${silent.length > 1 ? 'do' : 'does'} not answer`, why };
  }
  const areSame = isSame(replicas);
  if (partsOf(snapshot, ({ isCut }) => !isCut).length > 1) return apart(snapshot, areSame, verifiedMs);
  const verified = verifiedAtMs(replicas);
  // What was verified before they were apart says nothing of what they have been since.
  const isFresh = verified !== undefined && nowMs - verified < freshMs && verified > (apartMs ?? 0);
  // That all were equal a moment ago stays true while the next letter is on its way.
  if (isFresh && (areSame || oldestMs(links) < noticedMs)) {
    return { mood: 'equal', text: verifiedText(snapshot, verified), why: detour(snapshot) ?? invitation };
  }
  if (partsOf(snapshot, ({ isConnected }) => isConnected).length > 1) {
    return {
      mood: 'settling',
      text: 'The way is free again',
      why: `The replicas are dialing each other. ${last(verifiedMs)}`,
    };
  }
  if (areSame) {
    return {
      mood: 'settling',
      text: 'The digests agree',
      why: `Each replica is about to hear it from the others. ${last(verifiedMs)}`,
    };
  }
  return {
    mood: 'settling',
    text: 'Changes are on their way',
    why: `${doubt(snapshot)} ${last(verifiedMs)}`.trim(),
  };
}

/** What the product says when it says it. */
function verifiedText({ replicas }: Snapshot, atMs: number): string {
  return `All ${replicas.length} replicas verified equal as of ${clockText(atMs)}`;
}

function apart(snapshot: Snapshot, areSame: boolean, verifiedMs: number | undefined): Headline {
  const { replicas, links } = snapshot;
  const alone = partsOf(snapshot, ({ isCut }) => !isCut)
    .filter((part) => part.length === 1)
    .flatMap(([place]) => replicas.filter((replica) => replica.place === place).map(({ name }) => name));
  const isAll = alone.length === replicas.length;
  const who = isAll
    ? 'All replicas are cut off'
    : `${listed(alone)} ${alone.length > 1 ? 'are' : 'is'} cut off`;
  if (areSame) {
    const why = 'They still hold the same. Type on either side: each goes on taking edits.';
    return { mood: 'apart', text: who, why: `${why} ${last(verifiedMs)}` };
  }
  const lag = `The oldest edit that another one lacks has waited ${ageText(oldestMs(links))}.`;
  const text = `${who}, and ${isAll ? 'they' : 'the replicas'} differ`;
  return { mood: 'apart', text, why: `${lag} ${last(verifiedMs)}` };
}

const invitation = 'Type in any of them. Then cut a link, type on both sides, and heal it.';

/** Where two have no link of their own and agree all the same. */
function detour({ replicas, links }: Snapshot): string | undefined {
  const cut = links.find(({ isCut }) => isCut);
  if (!cut) return undefined;
  const nameOf = (place: string): string => replicas.find((replica) => replica.place === place)!.name;
  const through = replicas.find(({ place }) => !cut.ends.includes(place))!.name;
  return `${cut.ends.map(nameOf).join(' and ')} have no link: what is typed in one reaches the other through ${through}.`;
}

/** What one of them says when it cannot say that all are equal. */
function doubt({ replicas }: Snapshot): string {
  const doubting = replicas.find(({ says }) => says?.whyNotVerified);
  return doubting ? `${doubting.name}: ${doubting.says!.whyNotVerified}.` : '';
}

function last(verifiedMs: number | undefined): string {
  return verifiedMs === undefined ? '' : `Last verified equal as of ${clockText(verifiedMs)}.`;
}

function oldestMs(links: readonly LinkNow[]): number {
  return Math.max(...links.flatMap(({ ways }) => ways.map(({ unconfirmedAgeMs }) => unconfirmedAgeMs)));
}
