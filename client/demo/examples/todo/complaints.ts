// What the server complains of. automerge-repo's adapter writes such messages to its log, and tells nobody else.
import { cbor } from '@automerge/automerge-repo/slim';
import type { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';

/** `told` is called with what the server says, without the id of the document that it says it of. */
export function onComplaint(adapter: WebSocketClientAdapter, told: (reason: string) => void): void {
  const receive = adapter.receiveMessage.bind(adapter);
  adapter.receiveMessage = (bytes) => {
    receive(bytes);
    const message = cbor.decode<{ type?: unknown; message?: unknown }>(new Uint8Array(bytes));
    if (message.type === 'error') told(String(message.message).replace(/^(\w+) \S+:/, '$1:'));
  };
}
