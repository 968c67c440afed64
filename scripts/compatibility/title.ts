// What a compatibility test's title says: `[IDS] CLIENT VERSION: SCENARIO[, SCENARIO][: in words]`, wherever in its full name.
import { families } from './families.ts';

export interface Place {
  /** With its version, as the title says it. */
  readonly client: string;
  readonly columns: readonly string[];
}

const columns = new Set(families.flatMap((family) => family.columns));

/** Undefined for a test of something that has no column. */
export function placeOf(fullName: string): Place | undefined {
  const [, client, said] = /(\S+ \d[\w.-]*): ([^:)]+)/.exec(fullName) ?? [];
  if (client === undefined || said === undefined) return undefined;
  const named = said.split(', ').filter((column) => columns.has(column));
  return named.length > 0 ? { client, columns: named } : undefined;
}
