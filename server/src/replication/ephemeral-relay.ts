// What people say to all who have a document open, on its way over one link: passed on unless it came from there. It may be lost, where
// a link is slow or cut, and is passed on once however many ways there are.
import { documentName, maxEphemeralBytes } from '@syncline/shared';
import { TokenBucket } from '../core/token-bucket.ts';
import type { ReplicationContext } from './context.ts';
import { entryBytes, presenceByteRate } from './limits.ts';
import type { Message } from './messages.ts';

export interface EphemeralRelaySettings {
  readonly context: ReplicationContext;
  /** The owner of what the other replica says. */
  readonly peer: object;
  readonly hasRoom: () => boolean;
  readonly say: (message: Message) => void;
}

export class EphemeralRelay {
  readonly #settings: EphemeralRelaySettings;
  readonly #rate: TokenBucket;
  readonly #stop: () => void;

  constructor(settings: EphemeralRelaySettings) {
    const { context, peer, hasRoom, say } = (this.#settings = settings);
    this.#rate = new TokenBucket(context.clock, presenceByteRate);
    this.#stop = context.documents.listenToEphemeral((document, owner, { sender, session, count, data }) => {
      if (owner !== peer && hasRoom()) say({ say: 'ephemeral', document, sender, session, count, data });
    });
  }

  heard({ document, sender, session, count, data }: Extract<Message, { say: 'ephemeral' }>): void {
    const { context, peer } = this.#settings;
    if (data.length > maxEphemeralBytes || this.#rate.take(data.length + entryBytes) > 0) return;
    const visit = context.documents.visit(documentName(document));
    // The frame that it is a view of is the socket's.
    visit.heardEphemeral(peer, { sender, session, count, data: data.slice() });
    visit.end();
  }

  close(): void {
    this.#stop();
  }
}
