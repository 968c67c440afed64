// The shipped replication over the core, on a clock that the test moves, linked with somebody who is spoken for by hand.
import type { Outbox } from '@syncline/server/port/outbox.ts';
import type { Session } from '@syncline/server/port/session.ts';
import { beatMs } from '@syncline/server/replication/limits.ts';
import { type Change, type Message, messageCodec } from '@syncline/server/replication/messages.ts';
import type { Replication } from '@syncline/server/replication/replication.ts';
import { Core } from '../core/core.ts';
import { type Between, helloOf, proofOf } from '../support/raw-replica.ts';
import { until } from '../support/until.ts';
import { openSecret, replicationOver } from './replication-over.ts';

export class HandLink implements AsyncDisposable {
  readonly core = new Core();
  readonly replication: Replication;
  readonly heard: Message[] = [];
  readonly hello = helloOf({ name: 'hand' });
  /** What is said to a message at once, if anything. */
  answer: (message: Message) => Message | undefined = () => undefined;
  /** Set once the connection was closed from here, with the code. */
  closed: number | undefined;
  /** Of its documents; empty as of one whose tree is being built. */
  root = new Uint8Array(0);
  /** What it says and nobody reads. */
  unreadBytes = 0;
  readonly #session: Session;
  #beats = 0;
  /** The last beat that it heard, and when. */
  #last = { number: 0, atMs: 0 };

  private constructor() {
    this.replication = replicationOver(this.core);
    this.#session = this.replication.accept(this.#outbox(), () => {});
  }

  /** Is linked, and has nothing. */
  static async open(prepare: (core: Core) => Promise<void> = async () => {}): Promise<HandLink> {
    const link = new HandLink();
    await prepare(link.core);
    await link.replication.start();
    link.say(link.hello);
    const theirs = await link.hears('hello');
    link.say({ say: 'proof', proof: proofOf(openSecret, link.hello, messageCodec.encode(theirs)) });
    const { round, candidates } = await link.hears('resume');
    link.say({ say: 'resumed', round, candidate: candidates.length - 1, head: 0 });
    link.beat();
    return link;
  }

  say(message: Message): void {
    this.#session.receive(messageCodec.encode(message));
  }

  /** Says that it is there. */
  beat(head = 0): void {
    this.say(this.nextBeat(head));
  }

  /** What it would say now to say that it is there. */
  nextBeat(head = 0): Message {
    const own = {
      replica: this.hello.replica,
      name: 'hand',
      ageMs: 0,
      root: this.root,
      holdings: [],
    };
    return {
      say: 'beat',
      number: ++this.#beats,
      echo: this.#last.number,
      echoMs: this.core.clock.now() - this.#last.atMs,
      head,
      rootHead: head,
      round: 0,
      told: 0,
      replicas: [own],
    };
  }

  /** Tells of documents as the latest of the source, in the round that was asked for last. */
  tells(head: number, entries: readonly Change[]): void {
    const { round } = this.heardOf('resume').at(-1)!;
    this.say({ say: 'changes', round, from: 0, through: head, head, entries });
  }

  heardOf<Say extends Message['say']>(say: Say): Between<Say>[] {
    return this.heard.filter((message): message is Between<Say> => message.say === say);
  }

  /** Resolves with the last of so many messages of a kind. */
  async hears<Say extends Message['say']>(say: Say, times = 1): Promise<Between<Say>> {
    await until(`it is told ${say} ${times} times`, () => this.heardOf(say).length >= times);
    return this.heardOf(say)[times - 1]!;
  }

  /** Reads everything from the beginning, and says that it holds it. */
  async reads(): Promise<void> {
    const { epoch, lastSequence } = this.core.journal;
    this.say({ say: 'resume', round: 1, candidates: [{ epoch, position: 0, headSeen: 0 }] });
    await this.hears('changes');
    this.say({ say: 'ack', epoch, through: lastSequence, held: lastSequence });
  }

  /** Resolves with what `work` gives, while time goes by. */
  async whileTimePasses<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = (): void => void (isDone = true);
    work.then(done, done);
    await until('it is done', () => {
      this.core.clock.advance(1);
      return isDone;
    });
    return work;
  }

  /** Resolves when it is told that so much of it is committed. */
  async acknowledged(through: number): Promise<void> {
    await until(`${through} is acknowledged`, () => {
      this.core.clock.advance(1);
      return this.heardOf('ack').at(-1)?.through === through;
    });
  }

  /** Lets time pass, in which nothing is said but that it is there. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= beatMs) {
      this.core.clock.advance(Math.min(left, beatMs));
      this.beat();
      await new Promise(setImmediate);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.replication.stop();
    await this.core[Symbol.asyncDispose]();
  }

  #sent(message: Message): void {
    this.heard.push(message);
    if (message.say === 'beat') this.#last = { number: message.number, atMs: this.core.clock.now() };
    queueMicrotask(() => {
      const answer = this.answer(message);
      if (answer) this.say(answer);
    });
  }

  #outbox(): Outbox {
    const unread = (): number => this.unreadBytes;
    return {
      get bufferedBytes() {
        return unread();
      },
      send: (frame) => this.#sent(messageCodec.decode(frame)),
      close: (code) => void (this.closed ??= code),
      pause: () => {},
      resume: () => {},
    };
  }
}
