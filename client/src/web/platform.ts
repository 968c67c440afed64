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
    socket.addEventListener('close', ({ code, reason }) => listener.closed(code, reason));
    return {
      send: (frame) => {
        // What is said to a socket that has just closed is said again on the next one.
        if (socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
      },
      close: () => socket.close(),
    };
  },
  onOnline: (action) => {
    // Node has no such event.
    if (!('addEventListener' in globalThis)) return () => {};
    globalThis.addEventListener('online', action);
    return () => globalThis.removeEventListener('online', action);
  },
  onHide: (action) => {
    if (!('document' in globalThis)) return () => {};
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') action();
    };
    document.addEventListener('visibilitychange', hidden);
    globalThis.addEventListener('pagehide', action);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      globalThis.removeEventListener('pagehide', action);
    };
  },
  holdPage: () => {
    if (!('addEventListener' in globalThis)) return () => {};
    const ask = (event: Event): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', ask);
    return () => globalThis.removeEventListener('beforeunload', ask);
  },
  report: (error) => {
    if ('reportError' in globalThis) globalThis.reportError(error);
    else console.error(error);
  },
};
