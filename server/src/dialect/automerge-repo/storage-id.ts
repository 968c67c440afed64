// What clients call the disk of this replica: they remember by it what they have in common with it.

/** The text of a UUID, version 4, out of the 16 bytes that tell replicas apart. */
export function storageIdOf(replica: Uint8Array): string {
  const bytes = replica.slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
