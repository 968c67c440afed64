// What a native client hears of incarnations on one connection, read from the frames and not from what the client makes of them.
import { downCodec } from '@syncline/shared';
import { createDecoder, readVarUint } from 'lib0/decoding';

/** The incarnation of which the server does not say a word. */
const first = 1;

export class Hearing {
  /** By channel, the incarnation that was said. */
  readonly #said = new Map<number, number>();
  /** Channels of which something has come. */
  readonly #heard = new Set<number>();
  readonly #onHeard: (channel: number, incarnation: number) => void;

  /** `onHeard` is called once for each channel, when content has come or a word that something was stored. */
  constructor(onHeard: (channel: number, incarnation: number) => void) {
    this.#onHeard = onHeard;
  }

  received(frame: Uint8Array): void {
    const decoder = createDecoder(frame);
    readVarUint(decoder);
    // Of most frames the channel is all that has to be known.
    if (decoder.pos >= frame.length || this.#heard.has(readVarUint(decoder))) return;
    const down = downCodec.decode(frame);
    if (down.say === 'incarnation') this.#said.set(down.channel, down.incarnation);
    if (down.say !== 'updates' && down.say !== 'caughtUp' && down.say !== 'stored') return;
    this.#heard.add(down.channel);
    this.#onHeard(down.channel, this.#said.get(down.channel) ?? first);
  }
}
