// A bare WebSocket that speaks automerge-repo's protocol by hand: says only what a test says, and keeps every frame that came.
import { once } from 'node:events';
import * as A from '@automerge/automerge';
import { Encoder } from 'cbor-x';
import { WebSocket } from 'ws';
import type { Notes } from './automerge-repo-client.ts';
import type { Closed } from './raw-client.ts';
import { until } from './until.ts';

const codec = new Encoder({ tagUint8Array: false, useRecords: false });

/** A frame as stock clients read it. */
export interface RepoFrame {
  readonly type: string;
  readonly senderId: string;
  readonly targetId: string;
  readonly documentId?: string;
  readonly data?: Uint8Array;
  readonly message?: string;
  readonly count?: number;
  readonly sessionId?: string;
  readonly peerMetadata?: { readonly storageId?: string; readonly isEphemeral?: boolean };
}

export function frameOf(message: object): Uint8Array {
  return codec.encode(message);
}

/** The first message of somebody who has nothing. */
export const nothingHeld = Uint8Array.from(Buffer.from('42000001000000020284', 'hex'));

/** A sync message by hand: the sender's heads and changes, and that it has nothing else to say. */
export function syncWith(
  doc: A.Doc<Notes>,
  changes: readonly Uint8Array[],
  lastSync: readonly string[] = [],
): Uint8Array {
  const have = [{ lastSync: [...lastSync], bloom: new Uint8Array(0) }];
  return A.encodeSyncMessage({
    heads: A.getHeads(doc),
    need: [],
    have,
    changes: [...changes],
  });
}

export class WireRepo implements Disposable {
  readonly socket: WebSocket;
  readonly frames: RepoFrame[] = [];
  readonly peerId: string;
  ended: Closed | undefined;
  readonly closed: Promise<Closed>;

  private constructor(url: string, peerId: string) {
    this.peerId = peerId;
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => this.frames.push(codec.decode(data) as RepoFrame));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        resolve(this.ended);
      }),
    );
    // What is wrong with the socket shows in how it closes.
    this.socket.on('error', () => {});
  }

  /** Opens `ServerProcess.automerge`. Says nothing. */
  static async open(url: string, peerId = 'wire'): Promise<WireRepo> {
    const wire = new WireRepo(url, peerId);
    await Promise.race([once(wire.socket, 'open'), wire.closed]);
    return wire;
  }

  static async join(url: string, peerId = 'wire'): Promise<WireRepo> {
    const wire = await WireRepo.open(url, peerId);
    wire.join();
    await wire.heard('peer');
    return wire;
  }

  join(versions: readonly string[] | undefined = ['1']): void {
    this.say({ type: 'join', senderId: this.peerId, peerMetadata: {}, supportedProtocolVersions: versions });
  }

  say(message: object): void {
    this.socket.send(frameOf(message));
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  sync(documentId: string, data: Uint8Array, type: 'sync' | 'request' = 'sync'): void {
    this.say({ type, targetId: 'server', documentId, data, senderId: this.peerId });
  }

  of(type: string, documentId?: string): RepoFrame[] {
    return this.frames.filter(
      (frame) => frame.type === type && (documentId === undefined || frame.documentId === documentId),
    );
  }

  /** Waits until so many frames of a type have come; gives the last. */
  async heard(type: string, documentId?: string, count = 1): Promise<RepoFrame> {
    await until(
      `${count} ${type}`,
      () => this.of(type, documentId).length >= count || this.ended !== undefined,
    );
    const frame = this.of(type, documentId).at(-1);
    if (!frame) throw new Error(`closed before ${type}: ${JSON.stringify(this.ended)}`);
    return frame;
  }

  /** The sync messages that came about a document. */
  synced(documentId: string): A.DecodedSyncMessage[] {
    return this.of('sync', documentId).map(({ data }) => A.decodeSyncMessage(data!));
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
