// What one channel tells a session that numbers what it sends: which of its batches are committed, which of them a failed commit has
// lost, and what the document held where the session stands.
import { SyncError } from '@syncline/shared';
import type { Sequence } from '../port/journal.ts';
import type { Document } from './document.ts';
import { maxOwedReceipts } from './limits.ts';
import { Receipts, Ticket } from './receipts.ts';
import type { Speaker } from './speaker.ts';

export interface ChannelReceiptsSettings {
  readonly document: Document;
  readonly speaker: Speaker;
  /** Where the session stands in the log; undefined while it is being answered. */
  readonly position: () => Sequence | undefined;
  /** The document is to be loaded, and `tell` to be called behind that. */
  readonly onUnloaded: () => void;
  /** More is owed than is kept. */
  readonly onError: (error: SyncError) => void;
}

export class ChannelReceipts {
  readonly #settings: ChannelReceiptsSettings;
  /** What became of the batches that the session numbered, until it is told. */
  #receipts: Receipts | undefined;
  #owesFingerprint = false;
  #isClosed = false;

  constructor(settings: ChannelReceiptsSettings) {
    this.#settings = settings;
  }

  /** For the updates of a batch, each of which settles it once; one of none is stored. */
  ticket(batch: number, updates: number): Ticket {
    const receipts = (this.#receipts ??= new Receipts());
    if (updates === 0) receipts.stored.add(batch);
    return new Ticket(batch, updates, receipts);
  }

  /** The session wants to know what the document holds where it stands. */
  verify(): void {
    this.#owesFingerprint = true;
    this.#tellFingerprint();
  }

  /** Tells what is owed and known, if the session has room. */
  tell(): void {
    this.acknowledge();
    this.#tellFingerprint();
  }

  /** Tells what has become of what the session numbered. */
  acknowledge(): void {
    const { document, speaker, position, onError } = this.#settings;
    if (!speaker.receipts || !this.#receipts || this.#isClosed) return;
    const { stored, lost } = this.#receipts;
    if (stored.count + lost.count === 0) return;
    if (speaker.hasRoom) {
      for (const range of stored.take()) speaker.receipts.stored(range, document.head, position() ?? 0);
      // The session has the updates, and sends them again as they were: while commits fail, only after a pause.
      if (!document.isFailing) for (const range of lost.take()) speaker.receipts.again(range);
    }
    if (stored.count + lost.count > maxOwedReceipts)
      onError(new SyncError('bad_frame', 'its batch numbers do not follow each other'));
  }

  close(): void {
    this.#isClosed = true;
  }

  #tellFingerprint(): void {
    if (!this.#owesFingerprint || this.#isClosed) return;
    const { document, speaker, position: standing, onUnloaded } = this.#settings;
    const position = standing();
    if (position === undefined || !speaker.hasRoom) return;
    const fingerprint = document.fingerprintAt(position);
    if (fingerprint) {
      this.#owesFingerprint = false;
      speaker.receipts?.verified(position, fingerprint);
    } else if (!document.isLoaded) {
      // It may have come to rest since it was asked; where something is queued, the next commit tells.
      onUnloaded();
    }
  }
}
