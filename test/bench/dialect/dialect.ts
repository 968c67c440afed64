// What a raw client needs to know of a wire protocol: the frames it sends, and what a received frame carries.
// No Y.Doc here, so that the cost of a client does not grow with its document.

export interface Dialect {
  /** Whether a server answers Step1; where none does, an open socket is a ready one. */
  readonly handshake: boolean;
  url(server: string, document: string): string;
  speaker(document: string): Speaker;
}

/** The frames of one document. */
export interface Speaker {
  /** What the stock client sends when its socket opens, for an empty document. */
  opening(): Uint8Array[];
  /** Step2 of a client that has nothing. */
  nothing(): Uint8Array;
  update(update: Uint8Array): Uint8Array;
  awareness(states: Uint8Array): Uint8Array;
  read(frame: Uint8Array): Heard;
}

export type Heard =
  | { readonly is: 'step1' }
  | { readonly is: 'step2' | 'update'; readonly update: Uint8Array }
  | { readonly is: 'other' };
