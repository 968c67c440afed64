// What the clients of one session want to know of other replicas: whether so many of them hold what was stored here.
import { type Down, SyncError } from '@syncline/shared';
import type { Confirm } from '../../port/confirm.ts';

/** A client that waits for more at once on one document does not wait for answers. */
const maxOfChannel = 16;
/** Names that a client is told: it shows them to somebody. */
const maxNames = 16;

interface Question {
  readonly channel: number;
  readonly sequence: number;
  readonly replicas: number;
}

export class Confirms {
  readonly #confirm: Confirm;
  readonly #reply: (message: Down) => void;
  readonly #waiting = new Map<number, Set<{ readonly end: () => void }>>();

  constructor(confirm: Confirm, reply: (message: Down) => void) {
    this.#confirm = confirm;
    this.#reply = reply;
  }

  /** Throws `bad_frame` for one that asks and asks. */
  ask({ channel, sequence, replicas }: Question): void {
    let waiting = this.#waiting.get(channel);
    if (!waiting) this.#waiting.set(channel, (waiting = new Set()));
    if (waiting.size >= maxOfChannel) throw new SyncError('bad_frame', 'it waits for too much at once');
    // It may be held already: then the answer comes before there is anything to end.
    const question = { isHeld: false, end: () => {} };
    question.end = this.#confirm.whenHeld(sequence, replicas, {
      held: () => {
        question.isHeld = true;
        waiting.delete(question);
        this.#reply({ say: 'replicated', channel, sequence, replicas });
      },
      lacking: (names) =>
        this.#reply({ say: 'awaiting', channel, sequence, replicas, names: names.slice(0, maxNames) }),
    });
    if (!question.isHeld) waiting.add(question);
  }

  /** The channel is over. */
  ended(channel: number): void {
    for (const { end } of this.#waiting.get(channel) ?? []) end();
    this.#waiting.delete(channel);
  }

  close(): void {
    for (const channel of this.#waiting.keys()) this.ended(channel);
  }
}
