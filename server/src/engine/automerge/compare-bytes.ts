/** Byte by byte, as Automerge sorts hashes and actors; only for what is equally long, or differs before the shorter one ends. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
}
