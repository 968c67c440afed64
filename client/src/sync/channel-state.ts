// One document's side of the conversation, as a pure table: what has been typed and is not acknowledged, how far the
// server's log has been read, and what is to be said next. It sends nothing and knows no engine.
//
// Invariants: a batch leaves `pending` when the server says that it is stored, and in no other way; `resume` names a position
// only if everything up to it has been applied; `mayLack` is true from the moment at which the server may lack something
// that is not pending until it has been asked.
import { SyncError, type Up } from '@syncline/shared';
import { backoffMs } from './backoff.ts';
import {
  asked,
  caughtUp,
  compared,
  forgotten,
  inherited,
  movedTo,
  received,
  restored,
} from './catching-up.ts';
import {
  type ChannelEvent,
  type ChannelState,
  type ChannelStep,
  type ChannelSubject,
  type ContentMessage,
  isSending,
  quiet,
} from './channel.ts';
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
import { sameBytes } from './same-bytes.ts';

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

function opened(state: ChannelState, merge: Merge): ChannelStep {
  const { channel, document, engine } = state;
  const replica = state.server!.replica;
  const isKnown = state.resume !== undefined && sameBytes(state.resume.replica, replica);
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

function refused(
  state: ChannelState,
  { error, nowMs, fraction }: Extract<ChannelEvent, { event: 'refused' }>,
): ChannelStep {
  if (error.retry === 'never') return quiet({ ...state, phase: { phase: 'refused', error } });
  const retryAtMs = nowMs + backoffMs(state.refusals, fraction);
  return quiet({ ...state, phase: { phase: 'postponed', retryAtMs, error }, refusals: state.refusals + 1 });
}
