// The first words of two replicas: who each is, of which cluster, and the proof that it has the cluster's secret, which binds
// everything that both have said. Until then nothing else is heard.
import { SyncError } from '@syncline/shared';
import { replicationVersion, type Message, messageCodec } from './messages.ts';
import type { Secret } from '../port/secret.ts';
import { maxNameLength } from './limits.ts';
import { isSame } from './replica-id.ts';

/** What a replica says of itself. */
export interface Introduction {
  readonly cluster: string;
  readonly replica: Uint8Array;
  readonly epoch: Uint8Array;
  readonly name: string;
  readonly durability: 'full' | 'normal';
  readonly maxFrameBytes: number;
}

export type Role = 'dialer' | 'accepter';

const nonceBytes = 32;
const replicaBytes = 16;
const epochBytes = 8;

export class Greeting {
  readonly #introduction: Introduction;
  readonly #secret: Secret;
  readonly #role: Role;
  readonly #send: (frame: Uint8Array) => void;
  readonly #hello: Uint8Array;
  #theirs: { readonly frame: Uint8Array; readonly introduction: Introduction } | undefined;

  constructor(role: Role, introduction: Introduction, secret: Secret, send: (frame: Uint8Array) => void) {
    this.#role = role;
    this.#introduction = introduction;
    this.#secret = secret;
    this.#send = send;
    this.#hello = messageCodec.encode({
      say: 'hello',
      lowestVersion: replicationVersion,
      highestVersion: replicationVersion,
      ...introduction,
      nonce: secret.draw(nonceBytes),
    });
  }

  /** Whoever dialed speaks first. */
  begin(): void {
    if (this.#role === 'dialer') this.#send(this.#hello);
  }

  /** Gives the other replica once it has proved itself. Throws a SyncError with which the link ends. */
  heard(frame: Uint8Array): Introduction | undefined {
    const message = messageCodec.decode(frame);
    if (message.say === 'hello') {
      this.#heardHello(message, frame.slice());
      return undefined;
    }
    if (message.say !== 'proof' || !this.#theirs)
      throw new SyncError('bad_frame', 'a replica begins with a hello and a proof');
    const { frame: theirs, introduction } = this.#theirs;
    const other = this.#role === 'dialer' ? 'accepter' : 'dialer';
    if (!this.#secret.isProof(message.proof, labelOf(other), [theirs, this.#hello]))
      throw new SyncError('wrong_cluster_key');
    return introduction;
  }

  #heardHello(hello: Extract<Message, { say: 'hello' }>, frame: Uint8Array): void {
    if (this.#theirs) throw new SyncError('bad_frame', 'a replica says hello once');
    if (hello.lowestVersion > replicationVersion || hello.highestVersion < replicationVersion) {
      throw new SyncError(
        'unsupported_version',
        `it speaks ${hello.lowestVersion} to ${hello.highestVersion}, and this replica ${replicationVersion}`,
      );
    }
    if (hello.cluster !== this.#introduction.cluster) throw new SyncError('wrong_cluster');
    if (
      hello.replica.length !== replicaBytes ||
      hello.epoch.length !== epochBytes ||
      hello.nonce.length !== nonceBytes
    )
      throw new SyncError('bad_frame', 'its hello has ids of another length');
    const { cluster, replica, epoch, name, durability, maxFrameBytes } = hello;
    if (isSame(replica, this.#introduction.replica)) {
      throw isSame(epoch, this.#introduction.epoch)
        ? new SyncError('duplicate_link', 'a replica is no peer of itself')
        : new SyncError('duplicate_replica');
    }
    this.#theirs = {
      frame,
      introduction: {
        cluster,
        replica: replica.slice(),
        epoch: epoch.slice(),
        name: name.slice(0, maxNameLength),
        durability: durability === 'normal' ? 'normal' : 'full',
        maxFrameBytes,
      },
    };
    if (this.#role === 'accepter') this.#send(this.#hello);
    const proof = this.#secret.prove(labelOf(this.#role), [this.#hello, frame]);
    this.#send(messageCodec.encode({ say: 'proof', proof }));
  }
}

function labelOf(role: Role): string {
  return `syncline replication ${role}`;
}
