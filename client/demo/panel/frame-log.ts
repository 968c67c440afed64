// The last messages of this window's connections: what was said, of which document, how large it was and when, and nothing of what is
// in them.
import { downCodec, upCodec } from '@syncline/shared';

export interface Frame {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  /** As PROTOCOL.md calls it. */
  readonly kind: string;
  /** Undefined for what is of the whole connection. */
  readonly document: string | undefined;
  readonly bytes: number;
  /** Dropped on the way. */
  readonly isLost: boolean;
}

/** What is exported; of it the newest are shown. */
export const maxFrames = 500;

export class FrameLog {
  readonly #frames: Frame[] = [];
  readonly #listeners = new Set<(frame: Frame) => void>();

  /** Oldest first. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  add(frame: Frame): void {
    this.#frames.push(frame);
    if (this.#frames.length > maxFrames) this.#frames.shift();
    for (const listener of this.#listeners) listener(frame);
  }

  onFrame(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Reads the frames of one connection, on which every document has a number. */
export class FrameReader {
  readonly #documents = new Map<number, string>();

  read(direction: Frame['direction'], frame: Uint8Array): Pick<Frame, 'kind' | 'document'> {
    try {
      const message = direction === 'sent' ? upCodec.decode(frame) : downCodec.decode(frame);
      if (message.say === 'open') this.#documents.set(message.channel, message.document);
      const document = 'channel' in message ? this.#documents.get(message.channel) : undefined;
      return { kind: message.say, document };
    } catch {
      return { kind: 'unreadable', document: undefined };
    }
  }
}
