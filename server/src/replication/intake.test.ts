import { describe, expect, it } from 'vitest';
import { Intake, Range } from './intake.ts';

function told(...ranges: readonly (readonly [through: number, entries: number])[]): {
  intake: Intake;
  ranges: Range[];
} {
  const intake = new Intake({ position: 10, headSeen: 12 });
  const added = ranges.map(([through, entries]) => new Range(through, through + 100, 8, entries));
  for (const range of added) intake.add(range);
  intake.settle();
  return { intake, ranges: added };
}

const nobody = (): void => {};

describe('the position', () => {
  it('[REP6] moves on over what is committed, in the order in which it was told', () => {
    const { intake, ranges } = told([20, 1], [30, 1]);
    ranges[1]!.open--;
    expect(intake.settle()).toBe(false);
    expect(intake.committed.position).toBe(10);
    ranges[0]!.open--;
    expect(intake.settle()).toBe(true);
    expect(intake.committed).toEqual({ position: 30, headSeen: 130 });
  });

  it('[REP6] does not move over an update that waits for its commit', () => {
    const { intake, ranges } = told([20, 1]);
    const outcome = ranges[0]!.outcome(nobody);
    ranges[0]!.open--;
    intake.settle();
    expect(intake.committed.position).toBe(10);
    outcome.settled(true);
    intake.settle();
    expect(intake.committed.position).toBe(20);
  });

  it('[REP6] that is written with a commit covers what is in that commit, and nothing that comes after it', () => {
    const { intake, ranges } = told([20, 1], [30, 1]);
    const [first, second] = ranges.map((range) => range.outcome(nobody));
    for (const range of ranges) range.open--;
    expect(intake.drafted.position).toBe(10);
    first!.drafted!();
    expect(intake.drafted).toEqual({ position: 20, headSeen: 120 });
    second!.drafted!();
    expect(intake.drafted.position).toBe(30);
    expect(intake.committed.position).toBe(10);
  });

  it('[REP6] keeps the highest head that was seen, and the one that it began with', () => {
    const { intake } = told([11, 0]);
    expect(intake.committed).toEqual({ position: 11, headSeen: 111 });
    expect(new Intake({ position: 5, headSeen: 9 }).committed).toEqual({ position: 5, headSeen: 9 });
  });

  it('[REP6] is told of an update that was lost, and does not move over its range', () => {
    const { intake, ranges } = told([20, 1]);
    const [range] = ranges;
    const outcomes: boolean[] = [];
    const outcome = range!.outcome((isStored) => {
      outcomes.push(isStored);
      range!.open++;
    });
    range!.open--;
    outcome.settled(false);
    intake.settle();
    expect([outcomes, intake.committed.position]).toEqual([[false], 10]);
  });
});

it('[REP7] what waits is counted until it is committed', () => {
  const { intake, ranges } = told([20, 1], [30, 2]);
  expect([intake.bytes, intake.entries, intake.told]).toEqual([16, 3, 30]);
  ranges[0]!.open--;
  intake.settle();
  expect([intake.bytes, intake.entries, intake.told]).toEqual([8, 2, 30]);
});
