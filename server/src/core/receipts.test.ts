import { describe, expect, it } from 'vitest';
import { Receipts, Ticket } from './receipts.ts';

/** A ticket for a batch of one update. */
function settle(receipts: Receipts, number: number, isStored: boolean): void {
  new Ticket(number, 1, receipts).settled(isStored);
}

describe('a batch', () => {
  it('[NAT3] is stored when all of its updates are, and not before', () => {
    const receipts = new Receipts();
    const ticket = new Ticket(7, 3, receipts);
    ticket.settled(true);
    ticket.settled(true);
    expect(receipts.stored.take()).toEqual([]);
    ticket.settled(true);
    expect(receipts.stored.take()).toEqual([{ from: 7, through: 7 }]);
    expect(receipts.lost.take()).toEqual([]);
  });

  it.each([
    [false, true, true],
    [true, false, true],
    [true, true, false],
    [false, false, false],
  ])(
    '[NAT4] of which an update is lost is lost, once and when all are settled (%s, %s, %s)',
    (...outcomes) => {
      const receipts = new Receipts();
      const ticket = new Ticket(7, 3, receipts);
      for (const [index, isStored] of outcomes.entries()) {
        expect(receipts.lost.take()).toEqual([]);
        ticket.settled(isStored);
        expect(receipts.lost.count).toBe(index === 2 ? 1 : 0);
      }
      expect(receipts.lost.take()).toEqual([{ from: 7, through: 7 }]);
      expect(receipts.stored.take()).toEqual([]);
    },
  );
});

describe('receipts', () => {
  it('[NAT3] of numbers that follow each other are one range, however many', () => {
    const receipts = new Receipts();
    for (let number = 1; number <= 10_000; number++) settle(receipts, number, true);
    expect(receipts.stored.count).toBe(1);
    expect(receipts.stored.take()).toEqual([{ from: 1, through: 10_000 }]);
    expect(receipts.stored.take()).toEqual([]);
  });

  it('[NAT3] name no batch between their ranges that was not settled', () => {
    const receipts = new Receipts();
    for (const number of [1, 2, 4, 3, 5, 9]) settle(receipts, number, number !== 5);
    expect(receipts.stored.take()).toEqual([
      { from: 1, through: 2 },
      { from: 4, through: 4 },
      { from: 3, through: 3 },
      { from: 9, through: 9 },
    ]);
    expect(receipts.lost.take()).toEqual([{ from: 5, through: 5 }]);
  });

  it('[NAT3] that were taken are not extended', () => {
    const receipts = new Receipts();
    settle(receipts, 1, true);
    const taken = receipts.stored.take();
    settle(receipts, 2, true);
    expect(taken).toEqual([{ from: 1, through: 1 }]);
    expect(receipts.stored.take()).toEqual([{ from: 2, through: 2 }]);
  });
});
