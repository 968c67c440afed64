// How a peer's process says where it listens: one line on standard output.
import type { AddressInfo } from 'node:net';

export function announce(address: AddressInfo | string | null): void {
  if (typeof address !== 'object' || address === null) throw new Error('a peer listens on a port');
  console.log(`listening on http://127.0.0.1:${address.port}`);
}
