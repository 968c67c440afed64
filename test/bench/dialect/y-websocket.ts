// y-websocket: the document is the path, and a message is its type and its body.
import { createDecoder } from 'lib0/decoding';
import { writeVarUint } from 'lib0/encoding';
import type { Dialect } from './dialect.ts';
import { readMessage, syncFrames } from './sync.ts';

const { step1, ...frames } = syncFrames(writeVarUint);

export const yWebsocket: Dialect = {
  handshake: true,
  url: (server, document) => `${server}/${document}`,
  speaker: () => ({
    ...frames,
    opening: () => [step1()],
    read: (received) => readMessage(createDecoder(received)),
  }),
};
