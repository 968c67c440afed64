// One document's side of the conversation, as a pure table: what has been typed and is not acknowledged, how far the
// server's log has been read, and what is to be said next. It sends nothing and knows no engine.
//
// Invariants: a batch leaves `pending` when the server says that it is stored, and in no other way; `resume` names a position
// only if everything up to it has been applied; `mayLack` is true from the moment at which the server may lack something
// that is not pending until it has been asked.
import { type Down, type ResumePosition, SyncError, type Up } from '@syncline/shared';
import { backoffMs } from './backoff.ts';
import type { ServerFacts } from './connection-state.ts';
import type { EngineName } from './content.ts';
import {
  type Batch,
  inBatches,
  joined,
  type Merge,
  newBatch,
  type Pending,
  renumbered,
  updatesMessage,
  without,
} from './pending.ts';

/** What a channel is opened for, and stays. */
export interface ChannelSubject {
  readonly channel: number;
  readonly document: string;
  readonly engine: EngineName;
}

export interface ChannelState extends ChannelSubject {
  readonly phase: Phase;
  /** The server on the other side, while there is one. */
  readonly server: ServerFacts | undefined;
  readonly pending: Pending;
  readonly nextBatch: number;
  /** Counts what has been typed, so that what was typed before a moment can be told from what came after. */
  readonly edits: number;
  readonly resume: ResumePosition | undefined;
  /** Of what the document has from servers, 0 if that is nothing; and of the document where it is open. */
  readonly incarnation: { readonly held: number; readonly here: number };
  /** The highest sequence of the document that was heard of since `resume` was last dropped. */
  readonly headSeen: number;
  readonly mayLack: boolean;
  /** What was typed before this channel was there and is not acknowledged, as far as it was counted; until `mayLack` is over. */
  readonly earlier: { readonly edits: number; readonly sinceMs: number } | undefined;
  /** Whether that began while an answer was under way, which does not tell of it. */
  readonly isBehindAnswer: boolean;
  readonly agreement: Agreement;
  /** False once the server has said that the document may be read alone: what is typed stays pending. */
  readonly mayWrite: boolean;
  /** How often the document has been refused since it was last open. */
  readonly refusals: number;
}

export type Phase =
  /** There is no connection. */
  | { readonly phase: 'detached' }
  /** The document has been asked for. */
  | { readonly phase: 'opening' }
  | { readonly phase: 'catching-up'; readonly bytes: number; readonly received: number }
  | { readonly phase: 'live' }
  /** Refused for now; tried again by itself. */
  | { readonly phase: 'postponed'; readonly retryAtMs: number; readonly error: SyncError }
  /** Refused for good: only the application can mend it. */
  | { readonly phase: 'refused'; readonly error: SyncError };

/** Whether the server's digest has been compared on this connection. */
type Agreement = 'unknown' | 'asked' | 'agreed' | 'differed';

/** What the server says of a document's content. */
export type ContentMessage = Exclude<
  Down,
  {
    say:
      | 'welcome'
      | 'renewed'
      | 'ask'
      | 'presence'
      | 'ephemeral'
      | 'refused'
      | 'pong'
      | 'replicated'
      | 'awaiting';
  }
>;

export type ChannelEvent =
  /** What was kept on this device is in the document. */
  | {
      readonly event: 'restored';
      readonly resume: ResumePosition | undefined;
      readonly incarnation: number;
      /** What of it no server has acknowledged. */
      readonly earlier: { readonly edits: number; readonly sinceMs: number } | undefined;
    }
  /** Somebody is gone whose edits are in the document, and may not have sent them. */
  | { readonly event: 'inherited' }
  /** There is a connection. */
  | { readonly event: 'attached'; readonly server: ServerFacts }
  | { readonly event: 'detached' }
  | { readonly event: 'edited'; readonly updates: readonly Uint8Array[]; readonly nowMs: number }
  /** The server has asked for what it lacks, and this is it. */
  | { readonly event: 'asked'; readonly lacking: readonly Uint8Array[]; readonly nowMs: number }
  | { readonly event: 'heard'; readonly message: ContentMessage }
  /** The server's digest has been compared with the document. */
  | { readonly event: 'compared'; readonly isSame: boolean }
  | {
      readonly event: 'refused';
      readonly error: SyncError;
      readonly nowMs: number;
      readonly fraction: number;
    }
  /** The pause is over, or the application has mended the cause. */
  | { readonly event: 'retry' };

export interface ChannelStep {
  readonly state: ChannelState;
  readonly say: readonly Up[];
  /** Updates of others, to be applied to the document. */
  readonly apply: readonly Uint8Array[];
  /** The server is to be told what the document holds, after `say`. */
  readonly isToCompare: boolean;
  /** A digest to be compared with the document's, after `apply`. */
  readonly digest: Uint8Array | undefined;
}

/**
 * `isEmpty` says that there is nothing in the document which a server could lack, `held` of which incarnation what it holds is, 0 if
 * nothing came from a server.
 */
export function newChannel(
  { channel, document, engine }: ChannelSubject,
  isEmpty: boolean,
  held = 0,
): ChannelState {
  return {
    channel,
    document,
    engine,
    phase: { phase: 'detached' },
    server: undefined,
    pending: [],
    nextBatch: 1,
    edits: 0,
    resume: undefined,
    incarnation: { held, here: 1 },
    headSeen: 0,
    mayLack: !isEmpty,
    earlier: undefined,
    isBehindAnswer: false,
    agreement: 'unknown',
    mayWrite: true,
    refusals: 0,
  };
}

/** `merge` makes fewer updates of several, as the content's does. */
export function nextChannel(state: ChannelState, event: ChannelEvent, merge: Merge): ChannelStep {
  switch (event.event) {
    case 'restored':
      return restored(state, event);
    case 'inherited':
      return inherited(state);
    case 'attached':
      return state.phase.phase === 'refused'
        ? quiet({ ...state, server: event.server })
        : opened({ ...state, server: event.server }, merge);
    case 'detached':
      return quiet({
        ...state,
        server: undefined,
        phase: state.phase.phase === 'refused' ? state.phase : { phase: 'detached' },
      });
    case 'edited':
      return edited(state, event, merge);
    case 'asked':
      // Any edit may be in it, and what was in the document before the first: a server may have lost what it acknowledged.
      return isSending(state)
        ? sent(state, inBatches(event.lacking, merge), { firstEdit: 0, edits: 0, sinceMs: event.nowMs })
        : quiet(state);
    case 'heard':
      return isSending(state) ? heard(met(state, event.message), event.message) : quiet(state);
    case 'compared':
      return compared(state, event.isSame);
    case 'refused':
      return refused(state, event);
    case 'retry':
      if (state.phase.phase !== 'postponed' && state.phase.phase !== 'refused') return quiet(state);
      return state.server ? opened(state, merge) : quiet({ ...state, phase: { phase: 'detached' } });
  }
}

function restored(
  state: ChannelState,
  { resume, incarnation, earlier }: Extract<ChannelEvent, { event: 'restored' }>,
): ChannelStep {
  const held = state.incarnation.held || incarnation;
  const next = { ...state, incarnation: { ...state.incarnation, held }, earlier };
  // A server that has been heard before knows of it only what it is told now.
  if (state.phase.phase !== 'detached' || state.resume) return inherited(next);
  return quiet({
    ...next,
    resume,
    headSeen: resume?.headSeen ?? 0,
    mayLack: state.mayLack || earlier !== undefined,
  });
}

function inherited(state: ChannelState): ChannelStep {
  const next: ChannelState = { ...state, mayLack: true };
  const isLive = state.phase.phase === 'live';
  // A digest that is on its way tells as well; and what ends with it is not the end of an answer.
  if (isLive && state.agreement === 'asked') return quiet(next);
  const anew: ChannelState = { ...next, agreement: 'unknown' };
  // As if a digest had differed, for it would.
  if (isLive)
    return { ...quiet({ ...anew, ...forgotten(anew), phase: { phase: 'opening' } }), isToCompare: true };
  return { ...quiet({ ...anew, isBehindAnswer: isSending(state) }), isToCompare: isSending(state) };
}

/** Whether what is said reaches the channel. */
function isSending({ phase: { phase } }: ChannelState): boolean {
  return phase === 'opening' || phase === 'catching-up' || phase === 'live';
}

function opened(state: ChannelState, merge: Merge): ChannelStep {
  const { channel, document, engine } = state;
  const replica = state.server!.replica;
  const isKnown = state.resume !== undefined && isSame(state.resume.replica, replica);
  const pending = renumbered(state.pending, merge);
  const next: ChannelState = {
    ...state,
    ...(isKnown ? {} : forgotten(state)),
    phase: { phase: 'opening' },
    incarnation: { ...state.incarnation, here: 1 },
    pending,
    nextBatch: pending.length + 1,
    isBehindAnswer: false,
    agreement: 'unknown',
    mayWrite: true,
  };
  const resume = next.resume && { ...next.resume, headSeen: next.headSeen };
  const incarnation = next.incarnation.held;
  const open: Up = { say: 'open', channel, document, engine, incarnation, resume };
  // What is pending goes first: compared after it, nothing of it seems to be missing.
  const again = upload(next, pending);
  return again.state.phase.phase === 'refused'
    ? again
    : { ...again, say: [open, ...again.say], isToCompare: !isKnown };
}

/** Nothing is known of what this server holds. */
function forgotten({ edits, mayLack, resume }: ChannelState): Partial<ChannelState> {
  return { resume: undefined, headSeen: 0, mayLack: mayLack || edits > 0 || resume !== undefined };
}

function edited(
  state: ChannelState,
  { updates, nowMs }: Extract<ChannelEvent, { event: 'edited' }>,
  merge: Merge,
): ChannelStep {
  const about = { firstEdit: state.edits + 1, edits: 1, sinceMs: nowMs };
  const counted = { ...state, edits: state.edits + 1 };
  if (isSending(state)) return sent(counted, inBatches(updates, merge), about);
  const batches = ofOneTurn(inBatches(updates, merge), about, () => 0);
  const pending = batches.reduce<Pending>((list, batch) => joined(list, batch, merge), state.pending);
  return quiet({ ...counted, pending });
}

function sent(
  state: ChannelState,
  groups: readonly (readonly Uint8Array[])[],
  about: { firstEdit: number; edits: number; sinceMs: number },
): ChannelStep {
  const batches = ofOneTurn(groups, about, (index) => state.nextBatch + index);
  const pending = [...state.pending, ...batches];
  return upload({ ...state, pending, nextBatch: state.nextBatch + batches.length }, batches);
}

/** What was typed in one turn is one edit, however many batches it takes. */
function ofOneTurn(
  groups: readonly (readonly Uint8Array[])[],
  about: { firstEdit: number; edits: number; sinceMs: number },
  numberOf: (index: number) => number,
): readonly Batch[] {
  return groups.map((updates, index) => {
    const isLast = index === groups.length - 1;
    return newBatch(updates, { ...about, edits: isLast ? about.edits : 0, number: numberOf(index) });
  });
}

/** What a message needs beside its updates. */
const frameOverheadBytes = 1024;

function upload(state: ChannelState, batches: readonly Batch[]): ChannelStep {
  const { channel } = state;
  if (!state.mayWrite) return quiet(state);
  const largest = Math.max(0, ...batches.map(({ bytes }) => bytes));
  if (largest + frameOverheadBytes > state.server!.maxFrameBytes) {
    // The server would end the connection, and everything else on it, each time it is sent.
    const error = new SyncError('frame_too_large', `an update has ${largest} bytes`);
    return { ...quiet({ ...state, phase: { phase: 'refused', error } }), say: [{ say: 'close', channel }] };
  }
  return { ...quiet(state), say: batches.map((batch) => updatesMessage(channel, batch)) };
}

/** What comes from a server, and what it takes, is of its incarnation. */
function met(state: ChannelState, message: ContentMessage): ChannelState {
  const { here } = state.incarnation;
  if (message.say === 'incarnation')
    return { ...state, incarnation: { ...state.incarnation, here: message.incarnation } };
  const isContent = message.say === 'updates' || message.say === 'caughtUp' || message.say === 'stored';
  return isContent && state.incarnation.held !== here
    ? { ...state, incarnation: { held: here, here } }
    : state;
}

function heard(state: ChannelState, message: ContentMessage): ChannelStep {
  switch (message.say) {
    case 'incarnation':
      return quiet(state);
    case 'answer':
      return quiet({ ...state, phase: { phase: 'catching-up', bytes: message.bytes, received: 0 } });
    case 'expired':
      return { ...quiet({ ...state, ...forgotten(state) }), isToCompare: true };
    case 'updates':
      return {
        ...quiet(movedTo(received(state, message.updates), message.position)),
        apply: message.updates,
      };
    case 'caughtUp':
      return caughtUp(state, message.position, message.digest);
    case 'stored': {
      const pending = without(state.pending, message);
      const headSeen = Math.max(state.headSeen, message.sequence);
      return asked(movedTo({ ...state, pending, headSeen }, message.position));
    }
    case 'access':
      return granted(state, message.level === 'write');
    case 'again': {
      const lost = state.pending.filter(({ number }) => number >= message.from && number <= message.through);
      return { ...quiet(state), say: lost.map((batch) => updatesMessage(state.channel, batch)) };
    }
  }
}

function granted(state: ChannelState, mayWrite: boolean): ChannelStep {
  if (!mayWrite || state.mayWrite) return quiet({ ...state, mayWrite });
  // What the server lacks it has not asked for while it would not have taken it.
  const next: ChannelState = { ...state, mayWrite, agreement: 'unknown' };
  return { ...upload(next, next.pending), isToCompare: next.mayLack };
}

function received(state: ChannelState, updates: readonly Uint8Array[]): ChannelState {
  if (state.phase.phase !== 'catching-up') return state;
  const bytes = updates.reduce((sum, { length }) => sum + length, state.phase.received);
  // An answer that a compaction overtakes begins again, and is longer than was announced.
  return { ...state, phase: { ...state.phase, received: bytes, bytes: Math.max(state.phase.bytes, bytes) } };
}

function caughtUp(state: ChannelState, position: number, digest: Uint8Array): ChannelStep {
  // What the server lacks it asks for before it answers, and that is pending now; a reader alone it does not ask.
  const hasCompared = state.phase.phase === 'catching-up' && state.mayWrite && !state.isBehindAnswer;
  const live: ChannelState = { ...state, phase: { phase: 'live' }, refusals: 0 };
  // A position of 0 is one, too: the document has never been written to.
  const next = position === 0 ? live : movedTo(live, position);
  const settled = hasCompared ? { ...next, mayLack: false, earlier: undefined } : next;
  if (settled.agreement === 'agreed' || settled.agreement === 'differed') return quiet(settled);
  const unknown: ChannelState = { ...settled, agreement: 'unknown' };
  // With something pending the two differ for a good reason.
  if (digest.length === 0 || settled.pending.length > 0) return asked(unknown);
  return { ...quiet(unknown), digest };
}

/** Asks for a digest to compare as soon as everything is acknowledged. */
function asked(state: ChannelState): ChannelStep {
  if (state.phase.phase !== 'live' || state.agreement !== 'unknown' || state.pending.length > 0)
    return quiet(state);
  return { ...quiet({ ...state, agreement: 'asked' }), say: [{ say: 'verify', channel: state.channel }] };
}

function compared(state: ChannelState, isTheSame: boolean): ChannelStep {
  if (state.phase.phase !== 'live') return quiet(state);
  if (isTheSame)
    return quiet({
      ...state,
      mayLack: false,
      earlier: undefined,
      isBehindAnswer: false,
      agreement: 'agreed',
    });
  // Once on a connection: two that cannot agree must not go on about it for ever.
  return {
    ...quiet({
      ...state,
      ...forgotten(state),
      phase: { phase: 'opening' },
      isBehindAnswer: false,
      agreement: 'differed',
    }),
    isToCompare: true,
  };
}

function refused(
  state: ChannelState,
  { error, nowMs, fraction }: Extract<ChannelEvent, { event: 'refused' }>,
): ChannelStep {
  if (error.retry === 'never') return quiet({ ...state, phase: { phase: 'refused', error } });
  const retryAtMs = nowMs + backoffMs(state.refusals, fraction);
  return quiet({ ...state, phase: { phase: 'postponed', retryAtMs, error }, refusals: state.refusals + 1 });
}

function movedTo(state: ChannelState, position: number): ChannelState {
  if (position === 0 || state.phase.phase !== 'live' || !state.server) return state;
  const { replica, epoch } = state.server;
  const headSeen = Math.max(state.headSeen, position);
  return { ...state, headSeen, resume: { replica, epoch, position, headSeen } };
}

function quiet(state: ChannelState): ChannelStep {
  return { state, say: [], apply: [], isToCompare: false, digest: undefined };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
