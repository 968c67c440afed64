// The dialects by name: a name is what crosses from the process that measures to its load program.
import type { Dialect } from './dialect.ts';
import { hocuspocus } from './hocuspocus.ts';
import { relay } from './relay.ts';
import { yWebsocket } from './y-websocket.ts';

export type DialectName = 'y-websocket' | 'hocuspocus' | 'relay';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'y-websocket': yWebsocket,
  hocuspocus,
  relay,
};
