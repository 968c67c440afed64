// The documents that were visited, newest first, as a list that every function gives anew.

export interface Visit {
  readonly name: string;
  readonly atMs: number;
}

/** As many as somebody looks through, and few enough to be drawn at once. */
export const maxVisits = 50;

export function visited(visits: readonly Visit[], visit: Visit): Visit[] {
  return [visit, ...forgotten(visits, visit.name)].slice(0, maxVisits);
}

export function forgotten(visits: readonly Visit[], name: string): Visit[] {
  return visits.filter((each) => each.name !== name);
}

/** What was stored, without whatever in it is no visit: another version of the page may have written it. */
export function visitsIn(text: string | null): Visit[] {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  return Array.isArray(stored) ? stored.filter(isVisit).slice(0, maxVisits) : [];
}

function isVisit(value: unknown): value is Visit {
  const { name, atMs } = (value ?? {}) as Partial<Record<keyof Visit, unknown>>;
  return typeof name === 'string' && name !== '' && typeof atMs === 'number';
}
