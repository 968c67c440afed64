// How a document and its server find out what the one has and the other lacks: what is received, compared and asked for, and up to which
// position that has come.
import { type ChannelEvent, type ChannelState, type ChannelStep, isSending, quiet } from './channel.ts';
import { sizeOf } from './pending.ts';

export function restored(
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

export function inherited(state: ChannelState): ChannelStep {
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

/** Nothing is known of what this server holds. */
export function forgotten({ edits, mayLack, resume }: ChannelState): Partial<ChannelState> {
  return { resume: undefined, headSeen: 0, mayLack: mayLack || edits > 0 || resume !== undefined };
}

export function received(state: ChannelState, updates: readonly Uint8Array[]): ChannelState {
  if (state.phase.phase !== 'catching-up') return state;
  const bytes = state.phase.received + sizeOf(updates);
  // An answer that a compaction overtakes begins again, and is longer than was announced.
  return { ...state, phase: { ...state.phase, received: bytes, bytes: Math.max(state.phase.bytes, bytes) } };
}

export function caughtUp(state: ChannelState, position: number, digest: Uint8Array): ChannelStep {
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
export function asked(state: ChannelState): ChannelStep {
  if (state.phase.phase !== 'live' || state.agreement !== 'unknown' || state.pending.length > 0)
    return quiet(state);
  return { ...quiet({ ...state, agreement: 'asked' }), say: [{ say: 'verify', channel: state.channel }] };
}

export function compared(state: ChannelState, isTheSame: boolean): ChannelStep {
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

export function movedTo(state: ChannelState, position: number): ChannelState {
  if (position === 0 || state.phase.phase !== 'live' || !state.server) return state;
  const { replica, epoch } = state.server;
  const headSeen = Math.max(state.headSeen, position);
  return { ...state, headSeen, resume: { replica, epoch, position, headSeen } };
}
