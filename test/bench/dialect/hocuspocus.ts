// Hocuspocus: each message begins with the document's name, and the first of a document is its token.
import { createDecoder, readVarUint8Array } from 'lib0/decoding';
import { writeVarString, writeVarUint } from 'lib0/encoding';
import type { Dialect } from './dialect.ts';
import { frame, syncFrames, type WriteHead } from './sync.ts';

const messageAuth = 2;
const authToken = 0;
const providerVersion = '4.8.0';

export const hocuspocus: Dialect = {
  handshake: true,
  acknowledges: false,
  greeting: undefined,
  url: (server) => server,
  channelOf: () => 1,
  speaker({ document }) {
    const writeHead: WriteHead = (encoder, type) => {
      writeVarString(encoder, document);
      writeVarUint(encoder, type);
    };
    const { step1, read, ...frames } = syncFrames(writeHead);
    return {
      ...frames,
      // Version 4 of the provider sends both at once and does not wait to be let in.
      opening: () => [authentication(writeHead), step1()],
      read(received) {
        const decoder = createDecoder(received);
        readVarUint8Array(decoder);
        return read(decoder);
      },
    };
  },
};

function authentication(writeHead: WriteHead): Uint8Array {
  return frame((encoder) => {
    writeHead(encoder, messageAuth);
    writeVarUint(encoder, authToken);
    writeVarString(encoder, '');
    writeVarString(encoder, providerVersion);
  });
}
