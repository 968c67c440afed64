// The order in which test files begin where nothing is known yet of how long they took: one that takes long and begins last is waited for
// alone.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = /test\/simulate\/(cluster|simulate)\.test\.ts$/;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the method of vitest's sequencer, which gives another list
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
