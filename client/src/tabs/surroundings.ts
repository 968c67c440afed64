// What tabs need of where they run to find each other: locks that end with whoever holds them, and channels that reach everybody
// else. Browsers give them, a simulator owns them.

export interface TabSurroundings {
  /** Asks for a lock that one holder has at a time. Gives what lets it go, or takes the request back; nothing is called after that. */
  lock(name: string, request: LockRequest): () => void;
  /** Opens a channel; `received` is called with what all others say on it. Throws where there are none. */
  channel(name: string, received: (message: unknown) => void): TabChannel;
  /** Calls `paused` when the page is set aside, with nothing of it running, and `resumed` when it is back; gives what ends that. */
  onPause(paused: () => void, resumed: () => void): () => void;
}

export interface LockRequest {
  /** Taken from whoever holds it, and before all who wait for it. */
  readonly isStolen?: boolean;
  granted(): void;
  /** It was stolen. */
  lost(): void;
  /** There are no locks here. */
  failed(): void;
}

export interface TabChannel {
  /** Does nothing once it is closed. */
  post(message: unknown): void;
  close(): void;
}
