// A document's side of the conversation as it stands: what is known, what can happen, and what follows from that. It decides nothing.
import type { Down, ResumePosition, SyncError, Up } from '@syncline/shared';
import type { ServerFacts } from './connection-state.ts';
import type { EngineName } from './content.ts';
import type { Pending } from './pending.ts';

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

/** Nothing is to be done. */
export function quiet(state: ChannelState): ChannelStep {
  return { state, say: [], apply: [], isToCompare: false, digest: undefined };
}

/** Whether what is said reaches the channel. */
export function isSending({ phase: { phase } }: ChannelState): boolean {
  return phase === 'opening' || phase === 'catching-up' || phase === 'live';
}
