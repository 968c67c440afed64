// Who is called what at the moment. A peer's id is what it says of itself: whoever has proved to be somebody else has ids of their own,
// and a connection that takes up an id of its own principal again takes the place of the older one.

export interface Peer {
  /** Another connection has taken its place. */
  replaced(): void;
}

export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** `principal` is undefined where nobody is told from anybody. Gives what ends it. */
  enter(principal: string | undefined, peerId: string, peer: Peer): () => void {
    const key = JSON.stringify([principal ?? null, peerId]);
    const before = this.#peers.get(key);
    this.#peers.set(key, peer);
    before?.replaced();
    return () => {
      if (this.#peers.get(key) === peer) this.#peers.delete(key);
    };
  }
}
