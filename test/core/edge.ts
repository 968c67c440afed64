// Real sockets on this machine, under a clock that the test moves.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeFormat } from '@syncline/server/engine/automerge/change-format.ts';
import { noAccessControl } from '@syncline/server/auth/none.ts';
import { Stateless } from '@syncline/server/dialect/hocuspocus/stateless.ts';
import type { Access } from '@syncline/server/port/access.ts';
import type { Engine } from '@syncline/server/port/engine.ts';
import { Confirmations } from '@syncline/server/replication/confirmations.ts';
import { defaultMaxFrameBytes } from '@syncline/server/socket/limits.ts';
import { Sockets, type SocketsSettings } from '@syncline/server/socket/sockets.ts';
import { documentName } from '@syncline/shared';
import { Core } from './core.ts';

/** What a test may choose; plenty of everything else. */
type EdgeSettings = Partial<
  Pick<
    SocketsSettings,
    'maxSocketsPerAddress' | 'maxSocketsPerPrincipal' | 'maxOpensPerSecond' | 'acceptReplica'
  >
> & { readonly access?: Access; readonly engine?: Engine };

export class Edge implements AsyncDisposable {
  readonly core: Core;
  readonly sockets: Sockets;
  readonly #server = createServer();

  private constructor({ engine, ...settings }: EdgeSettings) {
    this.core = new Core(engine);
    const { clock, observed, documents, journal } = this.core;
    this.sockets = new Sockets({
      clock,
      observe: observed,
      documents,
      stateless: new Stateless(observed),
      automerge: { format: changeFormat, nameOf: async (documentId) => documentName(documentId) },
      access: noAccessControl,
      replica: {
        replica: journal.replica,
        epoch: journal.epoch,
        confirm: new Confirmations(clock, () => []),
        durability: 'full',
        maxFrameBytes: defaultMaxFrameBytes,
        maxChannels: 1_000,
        isInLineage: () => false,
      },
      maxSocketsPerAddress: 1_000,
      maxSocketsPerPrincipal: 1_000,
      maxOpensPerSecond: 1_000,
      isOriginAllowed: () => true,
      ...settings,
    });
    this.#server.on('upgrade', (request, stream, head) => this.sockets.upgrade(request, stream, head));
  }

  static async open(settings: EdgeSettings = {}): Promise<Edge> {
    const edge = new Edge(settings);
    await once(edge.#server.listen(0, '127.0.0.1'), 'listening');
    return edge;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get yjs(): string {
    return `ws://127.0.0.1:${this.port}/yjs`;
  }

  get hocuspocus(): string {
    return `ws://127.0.0.1:${this.port}/hocuspocus`;
  }

  get automerge(): string {
    return `ws://127.0.0.1:${this.port}/automerge`;
  }

  get sync(): string {
    return `ws://127.0.0.1:${this.port}/sync`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.core[Symbol.asyncDispose]();
  }
}
