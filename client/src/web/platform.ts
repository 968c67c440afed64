// The platform of browsers and of Node 22 and later.
import type { Platform } from '../sync/platform.ts';

export const webPlatform: Platform = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
  fraction: () => Math.random(),
  connect: (url, listener) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => listener.opened());
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) listener.received(new Uint8Array(data));
    });
    // A page that is left may be kept in memory for the way back: others would see somebody there, of whom nothing runs.
    const endLeaving = on(globalThis, 'pagehide', () => socket.close());
    socket.addEventListener('close', ({ code, reason }) => {
      endLeaving();
      listener.closed(code, reason);
    });
    return {
      send: (frame) => {
        // What is said to a socket that has just closed is said again on the next one.
        if (socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
      },
      close: () => socket.close(),
    };
  },
  onOnline: (action) => on(globalThis, 'online', action),
  onHide: (action) => {
    const page = globalThis.document as Document | undefined;
    const ends = [
      on(globalThis, 'pagehide', action),
      on(page, 'visibilitychange', () => {
        if (page!.visibilityState === 'hidden') action();
      }),
    ];
    return () => ends.forEach((end) => end());
  },
  holdPage: () => on(globalThis, 'beforeunload', (event) => event.preventDefault()),
  report: (error) => {
    if ('reportError' in globalThis) globalThis.reportError(error);
    else console.error(error);
  },
};

/** Gives what ends it. Node has no page, and nothing that happens to it. */
function on(
  target: Partial<EventTarget> | undefined,
  type: string,
  action: (event: Event) => void,
): () => void {
  target?.addEventListener?.(type, action);
  return () => target?.removeEventListener?.(type, action);
}
