// What becomes of a document that a source cannot give.

/** With the code of the source's error. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
