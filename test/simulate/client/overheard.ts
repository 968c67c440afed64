// What goes over a client's sockets, overheard: read from the frames and not from what the client makes of them.
import type { Platform, SocketListener } from '@syncline/client/sync/platform.ts';

export interface Eavesdropper {
  said?(frame: Uint8Array): void;
  received(frame: Uint8Array): void;
}

/** Each socket has one of its own; whatever it is told comes before the other side, or the client, is. */
export function connectOverheard(
  by: Pick<Platform, 'connect'>,
  listenTo: () => readonly Eavesdropper[],
): Platform['connect'] {
  return (url: string, listener: SocketListener) => {
    const ears = listenTo();
    const socket = by.connect(url, {
      opened: () => listener.opened(),
      received: (frame) => {
        for (const ear of ears) ear.received(frame);
        listener.received(frame);
      },
      closed: (code, reason) => listener.closed(code, reason),
    });
    return {
      send: (frame) => {
        for (const ear of ears) ear.said?.(frame);
        socket.send(frame);
      },
      close: () => socket.close(),
    };
  };
}
