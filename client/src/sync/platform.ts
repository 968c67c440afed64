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
  /** Milliseconds since 1970, by a clock that may be set. */
  epochMs(): number;
  /** Calls `action` once, `delayMs` from now at the earliest; gives what cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
  connect(url: string, listener: SocketListener): Socket;
  /** Calls `action` whenever the network may be there again; gives what ends that. */
  onOnline(action: () => void): () => void;
  /** Calls `action` when nobody looks at the page any more, which may be its end; gives what ends that. Absent where there is no page. */
  onHide?(action: () => void): () => void;
  /** Has whoever closes the page asked first, until what this gives is called; absent where there is no page. */
  holdPage?(): () => void;
  /** An error that the application threw while it was told something; it must not stop the synchronisation. */
  report(error: unknown): void;
}

/** The same, with sockets of another kind. */
export function connectingBy(platform: Platform, connect: Platform['connect']): Platform {
  return {
    now: () => platform.now(),
    epochMs: () => platform.epochMs(),
    after: (delayMs, action) => platform.after(delayMs, action),
    fraction: () => platform.fraction(),
    connect,
    onOnline: (action) => platform.onOnline(action),
    report: (error) => platform.report(error),
  };
}
