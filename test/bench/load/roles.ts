// The two sockets of a document: one each, or with all documents of a role on one, as an app has them that opens many.
import { Connection } from './connection.ts';
import { Socket } from './socket.ts';
import type { Target } from './target.ts';

export class Roles {
  readonly sockets: Socket[] = [];
  readonly #target: Target;
  readonly #shared = new Map<'reader' | 'writer', Socket>();

  constructor(target: Target) {
    this.#target = target;
  }

  join(role: 'reader' | 'writer', document: string): Promise<Connection> {
    return Connection.on(this.#shared.get(role) ?? this.#connect(role, document), document);
  }

  #connect(role: 'reader' | 'writer', document: string): Socket {
    const socket = new Socket(this.#target, document);
    this.sockets.push(socket);
    if (this.#target.isShared) this.#shared.set(role, socket);
    return socket;
  }
}
