// Who else has the list open, by automerge-repo's own Presence.
import { type DocHandle, Presence } from '@automerge/automerge-repo/slim';
import { ownPerson } from '../../identity.ts';
import type { Present } from '../../people.ts';

type State = { user: { name: string; color: string } };

/** Whoever says nothing for three times as long is taken to have gone. */
const heartbeatMs = 5_000;

export class Company {
  readonly #presence: Presence<State>;
  readonly #own: State;

  constructor(handle: DocHandle<unknown>, changed: () => void) {
    const { name, colour } = ownPerson();
    this.#own = { user: { name, color: colour } };
    this.#presence = new Presence<State>({ handle });
    for (const event of ['update', 'snapshot', 'goodbye', 'pruning'] as const) {
      this.#presence.on(event, changed);
    }
    // Else the others would take this window to be here until its time is up.
    addEventListener('pagehide', () => this.#presence.stop());
  }

  /** Nothing is known of the others while there is no connection. */
  set isConnected(isConnected: boolean) {
    if (isConnected) {
      this.#presence.start({ initialState: this.#own, heartbeatMs, peerTtlMs: 3 * heartbeatMs });
    } else {
      this.#presence.stop();
    }
  }

  get people(): Present[] {
    const others = this.#presence.running ? Object.values(this.#presence.getPeerStates().value) : [];
    return [
      { state: this.#own, isThisWindow: true },
      ...others.map(({ value }) => ({ state: value, isThisWindow: false })),
    ];
  }
}
