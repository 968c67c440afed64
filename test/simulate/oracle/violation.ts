// What an oracle throws: a promise of the system that was not kept.

export class Violation extends Error {
  override readonly name = 'Violation';
}

export function expectThat(isTrue: boolean, what: () => string): void {
  if (!isTrue) throw new Violation(what());
}
