// What people say to all who have a document open, as one of them: numbers what it says, and puts values into bytes as
// automerge-repo does, so that its clients understand them.
import { maxEphemeralBytes, SyncError } from '@syncline/shared';
import { decodeCbor } from '@syncline/shared/cbor/value.ts';
import { encodeCbor } from '@syncline/shared/cbor/writer.ts';
import type { Platform } from '../sync/platform.ts';
import type { EphemeralMessage } from '../sync/link.ts';
import { tellAll } from '../tell.ts';

/** Who says something: a sender's session ends when the document is closed there. */
export interface EphemeralSender {
  readonly sender: string;
  readonly session: string;
}

export type EphemeralListener = (value: unknown, from: EphemeralSender) => void;

export interface Ephemeral {
  /**
   * Says a value to all others who have the document open now, and to nobody while there is no connection: JSON, and bytes. Throws
   * a TypeError where it is something else, and a SyncError `ephemeral_too_large` over 64 KiB.
   */
  send(value: unknown): void;
  /** Calls `listener` with what others say. Gives what ends that. */
  listen(listener: EphemeralListener): () => void;
}

export class EphemeralSession implements Ephemeral {
  readonly #sender: string;
  readonly #session: string;
  readonly #platform: Platform;
  readonly #say: (message: EphemeralMessage) => void;
  readonly #listeners = new Set<EphemeralListener>();
  #count = 0;

  constructor(sender: string, platform: Platform, say: (message: EphemeralMessage) => void) {
    this.#sender = sender;
    // Of this document alone: others' clients take a session's messages in the order of their count, over all documents.
    this.#session = randomName(platform);
    this.#platform = platform;
    this.#say = say;
  }

  send(value: unknown): void {
    const data = encodeCbor(value);
    // The server would end the document.
    if (data.length > maxEphemeralBytes)
      throw new SyncError('ephemeral_too_large', `it may have ${maxEphemeralBytes} bytes`);
    this.#say({ sender: this.#sender, session: this.#session, count: ++this.#count, data });
  }

  listen(listener: EphemeralListener): () => void {
    // One function may listen twice, and ends once.
    const own: EphemeralListener = (value, from) => listener(value, from);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  heard({ sender, session, data }: EphemeralMessage): void {
    if (this.#listeners.size === 0) return;
    const value = readable(data);
    if (value) tellAll(this.#listeners, this.#platform, value.value, { sender, session });
  }
}

/** Undefined where the bytes are no value: whoever sent them says nothing to us. */
function readable(data: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: decodeCbor(data) };
  } catch {
    return undefined;
  }
}

/** A name that nobody else has, for a client or a session. */
export function randomName({ fraction }: Pick<Platform, 'fraction'>): string {
  return Array.from({ length: 20 }, () => Math.floor(fraction() * 36).toString(36)).join('');
}
