// One socket as the dialects see it: bytes out, and whether there is room for more.

export interface Outbox {
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Hands over one frame. The bytes must not change afterwards. */
  send(frame: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Reads nothing more from the socket until `resume`; the sender feels it as a slow network. */
  pause(): void;
  resume(): void;
}
