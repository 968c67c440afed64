// Lets pieces through in their order, each after a delay of its own.

interface Piece {
  readonly bytes: number;
  readonly dueMs: number;
  readonly deliver: () => void;
}

export class DelayLine {
  readonly #delayMs: () => number;
  readonly #onBytes: (underWay: number) => void;
  readonly #pieces: Piece[] = [];
  #underWay = 0;
  #lastDueMs = 0;
  #isWaiting = false;

  /** `onBytes` is told how much is under way whenever that changes. */
  constructor(delayMs: () => number, onBytes: (underWay: number) => void) {
    this.#delayMs = delayMs;
    this.#onBytes = onBytes;
  }

  send(bytes: number, deliver: () => void): void {
    const dueMs = Math.max(this.#lastDueMs, performance.now() + this.#delayMs());
    this.#lastDueMs = dueMs;
    this.#pieces.push({ bytes, dueMs, deliver });
    this.#moved(bytes);
    this.#deliver();
  }

  #deliver(): void {
    if (this.#isWaiting) return;
    while (this.#pieces.length > 0 && this.#pieces[0]!.dueMs <= performance.now()) {
      const { bytes, deliver } = this.#pieces.shift()!;
      deliver();
      this.#moved(-bytes);
    }
    if (this.#pieces.length === 0) return;
    this.#isWaiting = true;
    const waitMs = Math.max(0, this.#pieces[0]!.dueMs - performance.now());
    setTimeout(() => {
      this.#isWaiting = false;
      this.#deliver();
    }, waitMs);
  }

  #moved(bytes: number): void {
    this.#underWay += bytes;
    this.#onBytes(this.#underWay);
  }
}
