/** The kinds of values in CBOR (RFC 8949), as the three highest bits of their first byte say them. */
export const majorOf = {
  uint: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;
