// The server that y-websocket 2 ships, unchanged and without persistence. What it prints is the port it was
// given, here the system's choice, so the port it got is heard from Node.
import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { announce } from './announce.ts';

process.env['HOST'] = '127.0.0.1';
process.env['PORT'] = '0';
delete process.env['YPERSISTENCE'];

subscribe('tracing:net.server.listen:asyncEnd', (listened) => {
  announce((listened as { server: Server }).server.address());
});

const require = createRequire(import.meta.url);
require(join(dirname(require.resolve('y-websocket-2/bin/utils')), 'server.cjs'));
