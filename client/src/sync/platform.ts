// What the client needs of where it runs, by the smallest interfaces: browsers and Node give them, a simulator owns them.

export interface Socket {
  send(frame: Uint8Array): void;
  close(): void;
}

export interface SocketListener {
  opened(): void;
  received(frame: Uint8Array): void;
  /** Called once, whatever ended it, with the WebSocket close code and reason. Nothing is called after it. */
  closed(code: number, reason: string): void;
}

export interface Platform {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls `action` once, `delayMs` from now at the earliest; gives what cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
  connect(url: string, listener: SocketListener): Socket;
  /** Calls `action` whenever the network may be there again; gives what ends that. */
  onOnline(action: () => void): () => void;
  /** An error that the application threw while it was told something; it must not stop the synchronisation. */
  report(error: unknown): void;
}
