// The acceptance tests that automerge-repo publishes for network adapters, with this server between the clients.
import { wasmInitialized } from '@automerge/automerge';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import {
  runNetworkAdapterTests,
  type SetupFn,
} from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js';
import { runNetworkAdapterTests as runNetworkAdapterTests26 } from 'automerge-repo-2.6/helpers/tests/network-adapter-tests.js';
import { WebSocketClientAdapter as WebSocketClientAdapter26 } from 'automerge-websocket-2.6';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

/** What no server in the middle can do: clients see the server, and not each other, come and go. */
const amongPeers = new Set([
  'emits a peer-candidate event with proper peer metadata when a peer connects',
  'should emit disconnect events on disconnect',
  'should not send messages after disconnect',
]);

// The suite's own imports leave the WASM to whoever runs it.
await wasmInitialized();
let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

// Not while the file is loaded: whoever lists its tests runs nothing after them.
beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

afterAll(async () => {
  await server.end();
  folder[Symbol.dispose]();
});

beforeEach(({ task, skip }) => {
  skip(amongPeers.has(task.name), 'it looks for the other client, and finds the server');
});

function through(Adapter: typeof WebSocketClientAdapter): SetupFn {
  return async () => {
    const [a, b, c] = [1, 2, 3].map(() => new Adapter(server.automerge, 200));
    // Some are ended by the test itself.
    const teardown = (): void => {
      for (const adapter of [a!, b!, c!]) if (adapter.socket) adapter.disconnect();
    };
    return { adapters: [a!, b!, c!], teardown };
  };
}

runNetworkAdapterTests(
  through(WebSocketClientAdapter),
  '[ARP11] automerge-repo 2.5: the published acceptance suite',
);
runNetworkAdapterTests26(
  // Both versions have the shape of the other.
  through(WebSocketClientAdapter26 as unknown as typeof WebSocketClientAdapter),
  '[ARP11] automerge-repo 2.6-alpha: the published acceptance suite',
);
