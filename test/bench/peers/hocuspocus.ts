// Hocuspocus as its documentation starts it, on a port of the system's choice and without an extension, so
// that nothing is stored.
import { Server } from '@hocuspocus/server';
import { announce } from './announce.ts';

// Hocuspocus reads port 0 given to listen() as none, and as an option as the system's choice.
const server = new Server({ address: '127.0.0.1', port: 0, quiet: true });
await server.listen();
announce(server.httpServer.address());
