// What a document holds as JSON.
import { Counter, ImmutableString } from '@automerge/automerge';

/** What JSON has no form for becomes text: large integers, bytes, times. */
export function jsonOf(content: unknown, indent?: number): string {
  return JSON.stringify(content, plain, indent);
}

function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  if (original instanceof Counter) return original.value;
  if (original instanceof ImmutableString) return original.toString();
  return typeof value === 'bigint' ? value.toString() : value;
}
