/** A whole number as it stands in a sentence. */
export function number(value: number): string {
  return value.toLocaleString('en');
}
