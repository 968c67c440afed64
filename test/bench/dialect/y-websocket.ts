// y-websocket: the document is the path, and a message is its type and its body.
import { createDecoder } from 'lib0/decoding';
import { writeVarUint } from 'lib0/encoding';
import type { Dialect } from './dialect.ts';
import { syncFrames } from './sync.ts';

const { step1, read, ...frames } = syncFrames(writeVarUint);

export const yWebsocket: Dialect = {
  handshake: true,
  acknowledges: false,
  greeting: undefined,
  url: (server, document) => `${server}/${document}`,
  channelOf: () => 1,
  speaker: () => ({
    ...frames,
    opening: () => [step1()],
    read: (received) => read(createDecoder(received)),
  }),
};
