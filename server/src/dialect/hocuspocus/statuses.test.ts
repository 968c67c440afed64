import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { maxOwedStatuses, maxUnansweredRequests } from './limits.ts';
import { Statuses } from './statuses.ts';

/** A provider as far as it counts: at most one message is under way at a time, but for what the test holds back. */
class Counting {
  readonly told: boolean[] = [];
  readonly statuses = new Statuses((isSaved) => void this.told.push(isSaved));
  readonly doc = new Y.Doc();
  readonly #updates: Uint8Array[] = [];

  constructor() {
    this.doc.clientID = 1;
    this.statuses.hold(false);
    this.doc.on('update', (update: Uint8Array) => void this.#updates.push(update));
  }

  /** Begins an exchange with what it has by now, and has it asked for the rest. */
  exchange(): void {
    this.statuses.exchange(Y.encodeStateVector(this.doc));
    this.statuses.requested();
  }

  /** An exchange that is over. */
  begin(): void {
    this.exchange();
    const number = this.statuses.answer();
    this.statuses.saved(number, number);
    this.told.length = 0;
  }

  type(letters: string): Uint8Array {
    const text = this.doc.getText('content');
    text.insert(text.length, letters);
    return this.#updates.at(-1)!;
  }

  erase(): Uint8Array {
    this.doc.getText('content').delete(0, 1);
    return this.#updates.at(-1)!;
  }

  /** Sends an update; gives its number. */
  say(update: Uint8Array, isAtOnce = false): number {
    return this.statuses.update(update, isAtOnce);
  }

  saved(...numbers: readonly number[]): void {
    for (const number of numbers) this.statuses.saved(number, number);
  }
}

describe('the statuses of a provider', () => {
  it('[HOC2] are one for each update, in order, when it and all before it are saved', () => {
    const anna = new Counting();
    anna.begin();
    const [one, two, three] = ['a', 'b', 'c'].map((letter) => anna.say(anna.type(letter)));
    anna.saved(two!);
    expect(anna.told).toEqual([]);
    anna.saved(one!);
    expect(anna.told).toEqual([true, true]);
    anna.saved(three!);
    expect(anna.told).toEqual([true, true, true]);
  });

  it('[HOC2] are one for the exchange that it begins, when what it answers is saved', () => {
    const anna = new Counting();
    anna.exchange();
    const answer = anna.statuses.answer();
    expect(anna.told).toEqual([]);
    anna.saved(answer);
    expect(anna.told).toEqual([true]);
  });

  it('[HOC2] are none for what is said before the exchange, however soon that is saved', () => {
    const told: boolean[] = [];
    const statuses = new Statuses((isSaved) => void told.push(isSaved));
    const number = statuses.update(new Counting().type('a'), true);
    statuses.saved(number, number);
    expect(told).toEqual([]);
    statuses.exchange(Uint8Array.of(0));
    statuses.hold(false);
    expect(told).toEqual([]);
  });

  it('[HOC2] are none for what it had before it began the exchange, and is said behind it', () => {
    const anna = new Counting();
    const offline = [anna.type('a'), anna.type('b'), anna.erase()];
    anna.exchange();
    const said = offline.map((update) => anna.say(update, true));
    const typed = anna.say(anna.type('c'));
    const erased = anna.say(anna.erase());
    const answer = anna.statuses.answer();
    anna.saved(answer, erased, typed);
    expect(anna.told).toEqual([]);
    anna.saved(...said);
    // Of what was typed and erased since, and of the exchange.
    expect(anna.told).toEqual([true, true, true]);
  });

  it('[HOC2] are one for a deletion once what it had before has come', () => {
    for (const isAtOnce of [true, false]) {
      const anna = new Counting();
      const offline = anna.type('abc');
      anna.exchange();
      const numbers = [anna.say(offline, true)];
      if (isAtOnce) numbers.push(anna.say(anna.type('d'), true));
      numbers.push(anna.say(anna.erase(), isAtOnce), anna.statuses.answer());
      anna.saved(...numbers);
      expect(anna.told).toHaveLength(isAtOnce ? 3 : 2);
    }
  });

  it('[HOC2] of deletions that may have been counted follow when nothing is on its way', () => {
    const anna = new Counting();
    anna.type('abc');
    anna.exchange();
    const erased = [anna.say(anna.erase(), true), anna.say(anna.erase(), true)];
    anna.statuses.quiet();
    const answer = anna.statuses.answer();
    anna.statuses.quiet();
    anna.saved(...erased, answer);
    expect(anna.told).toEqual([true]);
    anna.statuses.quiet();
    anna.statuses.quiet();
    expect(anna.told).toEqual([true, true, true]);
  });

  it('[HOC2] wait, for what a commit has lost, for the answer in which it is asked for again', () => {
    const anna = new Counting();
    anna.begin();
    const [lost, kept] = [anna.say(anna.type('a')), anna.say(anna.type('b'))];
    anna.statuses.lost(lost, lost);
    expect(anna.statuses.hasLost).toBe(true);
    anna.statuses.requested();
    expect(anna.statuses.hasLost).toBe(false);
    anna.saved(kept);
    const answer = anna.statuses.answer();
    expect(anna.told).toEqual([]);
    anna.saved(answer);
    // None for the answer: the provider does not count it.
    expect(anna.told).toEqual([true, true]);
  });

  it('[HOC2] wait on when that answer is lost as well', () => {
    const anna = new Counting();
    anna.begin();
    const lost = anna.say(anna.type('a'));
    anna.statuses.lost(lost, lost);
    for (let times = 0; times < 3; times++) {
      anna.statuses.requested();
      const answer = anna.statuses.answer();
      anna.statuses.lost(answer, answer);
      expect(anna.statuses.hasLost).toBe(true);
      expect(anna.told).toEqual([]);
    }
    anna.statuses.requested();
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([true]);
    expect(anna.statuses.hasLost).toBe(false);
  });

  it('[HOC2] are not given for what was lost after the request went out', () => {
    const anna = new Counting();
    anna.begin();
    const [one, two] = [anna.say(anna.type('a')), anna.say(anna.type('b'))];
    anna.statuses.lost(one, one);
    anna.statuses.requested();
    anna.statuses.lost(two, two);
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([true]);
    expect(anna.statuses.hasLost).toBe(true);
  });

  it('[HOC2] begin anew with an exchange: of what was said before, none is owed', () => {
    const anna = new Counting();
    anna.begin();
    const before = [anna.say(anna.type('a')), anna.say(anna.type('b'))];
    anna.exchange();
    const answer = anna.statuses.answer();
    anna.saved(...before);
    expect(anna.told).toEqual([]);
    anna.saved(answer);
    expect(anna.told).toEqual([true]);
  });

  it('[HOC2] of a request that went out before the exchange began do not end it', () => {
    const anna = new Counting();
    anna.begin();
    anna.statuses.requested();
    anna.exchange();
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([]);
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([true]);
  });

  it('[HOC13] are held while it is sent what it lacks', () => {
    const anna = new Counting();
    anna.exchange();
    anna.statuses.hold(true);
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([]);
    anna.statuses.hold(false);
    expect(anna.told).toEqual([true]);
  });

  it('[HOC7] say that it is rejected, and that it is saved when it is taken after all', () => {
    const anna = new Counting();
    anna.begin();
    for (const letter of 'ab') anna.statuses.rejected(anna.say(anna.type(letter)));
    expect(anna.told).toEqual([false, false]);
    anna.statuses.retryRejected();
    anna.statuses.requested();
    anna.saved(anna.statuses.answer());
    expect(anna.told).toEqual([false, false, true, true]);
  });

  it('[HOC5] of what was not kept are as many as it was, once it has been asked for', () => {
    const anna = new Counting();
    anna.begin();
    anna.say(anna.type('a'));
    anna.statuses.requested();
    anna.statuses.allLost();
    for (let times = 0; times < 3 * maxOwedStatuses; times++) anna.statuses.drop(anna.say(new Uint8Array(0)));
    // The answer to what it was asked before.
    anna.statuses.drop(anna.statuses.answer());
    anna.statuses.requested();
    anna.saved(anna.statuses.answer());
    expect(anna.told).toHaveLength(1 + 3 * maxOwedStatuses);
  });

  it('[HOC12] end with a provider that leaves requests unanswered', () => {
    const anna = new Counting();
    for (let times = 0; times < maxUnansweredRequests; times++) anna.exchange();
    expect(() => anna.exchange()).toThrow(/requests are not answered/);
  });

  it('[HOC12] end with a provider that leaves one unanswered and goes on', () => {
    const anna = new Counting();
    anna.exchange();
    for (let times = 0; times < maxOwedStatuses; times++) anna.say(new Uint8Array(0));
    expect(() => anna.say(new Uint8Array(0))).toThrow(/requests are not answered/);
  });
});
