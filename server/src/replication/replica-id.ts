// Replicas and epochs as text: for maps, for people, and for comparing.

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOfByte[byte]!;
  return hex;
}

export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = (valueOf(hex.charCodeAt(at * 2)) << 4) | valueOf(hex.charCodeAt(at * 2 + 1));
  return bytes;
}

/** Of a hexadecimal digit, in lower case if it is a letter. */
function valueOf(digit: number): number {
  return digit <= 57 ? digit - 48 : digit - 87;
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
