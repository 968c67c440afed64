// automerge-repo's own server: a Repo with the WebSocket adapter that belongs to it, set up as the sync server of that project
// is, and a storage that keeps everything in the folder that it is started with.
import { type PeerId, Repo } from '@automerge/automerge-repo';
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { WebSocketServer } from 'ws';
import { announce } from './announce.ts';
import { FileStorage } from './file-storage.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('this peer is given a folder to store in');

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
// What differs between the two types is what an option that is left out may be.
const adapter = new WebSocketServerAdapter(server as ConstructorParameters<typeof WebSocketServerAdapter>[0]);
const repo = new Repo({
  network: [adapter],
  storage: new FileStorage(folder),
  peerId: 'storage-server' as PeerId,
  sharePolicy: async () => false,
});
// The id of the storage is in what it says first to a client.
await repo.storageId();
if (server.address() === null) await new Promise((resolve) => server.once('listening', resolve));
announce(server.address());
