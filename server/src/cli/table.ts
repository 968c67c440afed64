// What a terminal shows: tables, times and names.

/** Columns as wide as their widest cell, two spaces apart, with nothing at the end of a line. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** As of when, on this machine's clock: the day as well where it is another one. */
export function clockTime(atMs: number, nowMs: number): string {
  const [day, time] = parts(atMs);
  return day === parts(nowMs)[0] ? time : `${day} ${time}`;
}

function parts(atMs: number): readonly [day: string, time: string] {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return [
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':'),
  ];
}

/** How long: two digits are as much as anybody reads. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** What another replica says of itself, without what a terminal would obey. */
export function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
