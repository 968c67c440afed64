// What the document of a to-do list holds, and how it is changed. What comes from elsewhere is not trusted.
import { type DocHandle, updateText } from '@automerge/automerge-repo/slim';

export interface Item {
  text: string;
  isDone: boolean;
  readonly addedAtMs: number;
}

/** Items by their ids: two windows that remove the same one remove one. */
export interface List {
  readonly items: Record<string, Item>;
}

export function isList(document: unknown): document is List {
  const { items } = (document ?? {}) as { items?: unknown };
  return typeof items === 'object' && items !== null && !Array.isArray(items);
}

/** Those that have the shape of an item, the oldest first. */
export function itemsIn(document: unknown): (readonly [id: string, item: Item])[] {
  if (!isList(document)) return [];
  return Object.entries<unknown>(document.items)
    .filter((entry): entry is [string, Item] => isItem(entry[1]))
    .toSorted(([a, one], [b, other]) => one.addedAtMs - other.addedAtMs || (a < b ? -1 : 1));
}

export function add(list: DocHandle<List>, text: string): void {
  list.change(({ items }) => {
    items[crypto.randomUUID()] = { text, isDone: false, addedAtMs: Date.now() };
  });
}

export function finish(list: DocHandle<List>, id: string, isDone: boolean): void {
  list.change(({ items }) => {
    const item = items[id];
    if (item) item.isDone = isDone;
  });
}

/** Of what was written only the difference is a change, so that others can write into the same item. */
export function rewrite(list: DocHandle<List>, id: string, text: string): void {
  list.change((document) => {
    if (document.items[id]) updateText(document, ['items', id, 'text'], text);
  });
}

export function remove(list: DocHandle<List>, id: string): void {
  list.change(({ items }) => {
    delete items[id];
  });
}

function isItem(value: unknown): value is Item {
  const { text, isDone, addedAtMs } = (value ?? {}) as Partial<Record<keyof Item, unknown>>;
  return typeof text === 'string' && typeof isDone === 'boolean' && Number.isFinite(addedAtMs);
}
