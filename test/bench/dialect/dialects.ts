// The dialects by name: a name is what crosses from the process that measures to its load program.
import type { Dialect } from './dialect.ts';
import { hocuspocus } from './hocuspocus.ts';
import { native } from './native.ts';
import { relay } from './relay.ts';
import { yWebsocket } from './y-websocket.ts';

export type DialectName = 'native' | 'native-single' | 'y-websocket' | 'hocuspocus' | 'relay';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  native: native('turn'),
  'native-single': native('update'),
  'y-websocket': yWebsocket,
  hocuspocus,
  relay,
};
