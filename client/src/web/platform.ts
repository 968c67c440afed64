// The platform of browsers and of Node 22 and later.
import type { Platform } from '../sync/platform.ts';

export const webPlatform: Platform = {
  now: () => performance.now(),
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
  report: (error) => {
    if ('reportError' in globalThis) globalThis.reportError(error);
    else console.error(error);
  },
};
