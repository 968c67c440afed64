// Presence on its way over one link: what changes here is told to the other replica unless it came from there, and what it says is
// taken in as if one session spoke for all of its people. Never stored; what a slow link misses it is told at the end.
import { documentName, type DocumentName } from '@syncline/shared';
import type { OwnedPresence } from '../core/presence.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { ReplicationContext } from './context.ts';
import { entryBytes, maxOwedPresence, presenceByteRate } from './limits.ts';
import type { Message } from './messages.ts';

export interface PresenceRelaySettings {
  readonly context: ReplicationContext;
  /** The owner of what the other replica says. */
  readonly peer: object;
  readonly hasRoom: () => boolean;
  readonly say: (message: Message) => void;
}

export class PresenceRelay {
  readonly #settings: PresenceRelaySettings;
  /** Documents whose presence the other side is still to be told. */
  readonly #owed = new Set<DocumentName>();
  readonly #rate: TokenBucket;
  readonly #stop: () => void;

  /** Tells at once who is present in any document. */
  constructor(settings: PresenceRelaySettings) {
    this.#settings = settings;
    this.#rate = new TokenBucket(settings.context.clock, presenceByteRate);
    const { documents } = settings.context;
    this.#stop = documents.listenToPresence((name, changes) => this.#changed(name, changes));
    for (const visit of documents.present()) {
      this.#tell(visit.name, visit.presence());
      visit.end();
    }
  }

  heard({ document, entries }: Extract<Message, { say: 'presence' }>): void {
    const { context, peer } = this.#settings;
    const bytes = entries.reduce((sum, { state }) => sum + entryBytes + (state?.length ?? 0), entryBytes);
    if (this.#rate.take(bytes) > 0) return;
    const visit = context.documents.visit(documentName(document));
    try {
      this.#tell(visit.name, visit.heardPresence(peer, entries, context.clock.now()).map(answered));
    } finally {
      visit.end();
    }
  }

  /** There is room again. */
  advance(): void {
    for (const name of this.#owed) {
      if (!this.#settings.hasRoom()) return;
      this.#owed.delete(name);
      const visit = this.#settings.context.documents.visit(name);
      this.#tell(name, visit.presence());
      visit.end();
    }
  }

  close(): void {
    this.#stop();
    this.#owed.clear();
  }

  #changed(name: DocumentName, changes: readonly OwnedPresence[]): void {
    const news = changes.filter(({ owner }) => owner !== this.#settings.peer);
    if (news.length > 0) this.#tell(name, news);
  }

  #tell(document: DocumentName, entries: readonly OwnedPresence[]): void {
    if (entries.length === 0) return;
    const { hasRoom, say } = this.#settings;
    if (hasRoom()) say({ say: 'presence', document, entries });
    // Whoever is beyond this is seen again when he moves.
    else if (this.#owed.size < maxOwedPresence) this.#owed.add(document);
  }
}

function answered(entry: Omit<OwnedPresence, 'owner'>): OwnedPresence {
  return { ...entry, owner: undefined };
}
