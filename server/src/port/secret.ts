// What proves that another replica is of this cluster, without the secret itself crossing a wire.

export interface Secret {
  /** 32 bytes that only whoever has the secret can make of these parts; a label keeps uses apart. */
  prove(label: string, parts: readonly Uint8Array[]): Uint8Array;
  /** Whether a proof is that of these parts; takes the same time wherever it differs. */
  isProof(proof: Uint8Array, label: string, parts: readonly Uint8Array[]): boolean;
  /** Bytes that nobody can guess. */
  draw(length: number): Uint8Array;
}
