// Answers what the other side asks of the digest tree and of burials, one question after another: whoever asks faster than that waits,
// and takes nothing from those who wait for their commit.
import { SyncError } from '@syncline/shared';
import { answerLeaf, answerSums } from './audit-answers.ts';
import { answerBurials } from './burial-answers.ts';
import type { ReplicationContext } from './context.ts';
import { floodFactor, maxLeavesAsked, maxUnackedEntries } from './limits.ts';
import type { Message } from './messages.ts';

export interface AskedSettings {
  readonly context: ReplicationContext;
  say(message: Message): void;
  /** It cannot be answered: the link is of no use. */
  onError(error: unknown): void;
}

export class Asked {
  readonly #context: ReplicationContext;
  readonly #audits: Questions;
  readonly #burials: Questions;

  constructor(settings: AskedSettings) {
    this.#context = settings.context;
    this.#audits = new Questions(maxLeavesAsked * floodFactor, settings);
    // One for each deletion that is told.
    this.#burials = new Questions(maxUnackedEntries * floodFactor, settings);
  }

  /** Throws `bad_frame` for more questions than a replica asks at once. */
  heard(message: Extract<Message, { say: 'sumsOf' | 'leafOf' | 'burialsOf' }>): void {
    const { journal } = this.#context;
    if (message.say === 'sumsOf') this.#audits.add(() => answerSums(journal, message));
    else if (message.say === 'leafOf') this.#audits.add(() => answerLeaf(journal, message));
    else this.#burials.add(() => answerBurials(this.#context, message));
  }

  close(): void {
    this.#audits.close();
    this.#burials.close();
  }
}

class Questions {
  readonly #max: number;
  readonly #settings: AskedSettings;
  readonly #waiting: (() => Promise<Message>)[] = [];
  #isAnswering = false;

  constructor(max: number, settings: AskedSettings) {
    this.#max = max;
    this.#settings = settings;
  }

  add(find: () => Promise<Message>): void {
    if (this.#waiting.length >= this.#max)
      throw new SyncError('bad_frame', 'it asks more at once than a replica does');
    this.#waiting.push(find);
    if (!this.#isAnswering) void this.#answer();
  }

  close(): void {
    this.#waiting.length = 0;
  }

  async #answer(): Promise<void> {
    this.#isAnswering = true;
    try {
      for (let find = this.#waiting.shift(); find; find = this.#waiting.shift())
        this.#settings.say(await find());
    } catch (error) {
      this.#settings.onError(error);
    } finally {
      this.#isAnswering = false;
    }
  }
}
