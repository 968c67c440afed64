// What the browser remembers for the page. A browser may refuse to, and then nothing is remembered.

export type Kind = 'localStorage' | 'sessionStorage';

export function recall(kind: Kind, key: string): string | null {
  try {
    return globalThis[kind].getItem(`syncline-${key}`);
  } catch {
    return null;
  }
}

export function remember(kind: Kind, key: string, value: string): void {
  try {
    globalThis[kind].setItem(`syncline-${key}`, value);
  } catch {
    // It is full, or forbidden: the page works without.
  }
}
