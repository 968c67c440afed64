// The part of a source file that an example shows, cut from the file itself, so that what is shown is what runs. Pure.

/** What is shown is between a line that is the first and one that is the second; in it, one line ends with the third. */
const [begin, end, changes] = ['// shown:', '// .', '// <- changes'];

interface ShownLine {
  readonly text: string;
  /** Whether it is what somebody changes who has an app already. */
  readonly changes: boolean;
}

/** It is a mistake of this project if the marks are not there. */
export function shownSource(file: string): ShownLine[] {
  const lines = file.split('\n');
  const from = lines.findIndex((line) => line.trim() === begin);
  const to = lines.findIndex((line, index) => index > from && line.trim() === end);
  const shown = from < 0 || to < 0 ? [] : lines.slice(from + 1, to);
  if (shown.filter((line) => line.endsWith(changes)).length !== 1) throw new Error('the source has no marks');
  const indent = Math.min(...shown.filter(Boolean).map((line) => line.search(/\S/)));
  return shown.map((line) => ({
    text: line.slice(indent).replace(changes, '').trimEnd(),
    changes: line.endsWith(changes),
  }));
}
