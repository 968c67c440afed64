// The relay understands nothing: it is sent the frames of y-websocket, and answers no handshake.
import type { Dialect } from './dialect.ts';
import { yWebsocket } from './y-websocket.ts';

export const relay: Dialect = { ...yWebsocket, handshake: false };
