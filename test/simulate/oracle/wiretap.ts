// Reads what the server says before it goes out.
// O4: what waits for a slow reader is bounded. O5: once all is said, nothing is said but signs of life. O8: what a client is
// shown is on the disk.
import { maxOutboxBytes, pageBytes } from '@syncline/server/core/limits.ts';
import { downCodec } from '@syncline/shared';
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import type { RarePaths } from '../world/rare-paths.ts';
import { nativePath, type Sending } from '../world/server-process.ts';
import { readUpdate } from './clocks.ts';
import type { Truth } from './truth.ts';
import { expectThat } from './violation.ts';

/** A frame in our words. */
interface Heard {
  readonly what: string;
  readonly channel: number;
  readonly updates: readonly Uint8Array[];
}

const signsOfLife = ['pong', 'keep-alive'];

/** Acknowledgements, questions and presence go out whether or not there is room. */
const smallMessagesBytes = 256 * 1024;

export class Wiretap {
  readonly #truth: Truth;
  readonly #paths: RarePaths;
  /** By the bytes that were shown, whether they were on the disk: every reader of an entry is sent the same. */
  readonly #shown = new Set<string>();
  /** What may be said; undefined for anything. */
  #allowed: ReadonlySet<string> | undefined;

  constructor(truth: Truth, paths: RarePaths) {
    this.#truth = truth;
    this.#paths = paths;
  }

  /** From now on there is nothing to say but signs of life, and questions for what will never be there. */
  onlySignsOfLife(documents: Iterable<{ readonly name: string }>): void {
    const hidesSome = Array.from(documents).some(({ name }) => this.#truth.hidesSome(name));
    this.#allowed = new Set(hidesSome ? [...signsOfLife, 'ask', 'stored'] : signsOfLife);
  }

  /** The disk has been put back to an earlier state. */
  restored(): void {
    this.#shown.clear();
  }

  anything(): void {
    this.#allowed = undefined;
  }

  /** Throws a Violation. Gives what the frame is. */
  sending({ path, frame, bufferedBytes, weight }: Sending): string {
    const heard = path === nativePath ? readNative(frame) : readStock(frame);
    if (heard.what === 'expired') this.#paths.saw('resume expired');
    if (heard.what === 'again') this.#paths.saw('asked again after a failed commit');
    if (bufferedBytes >= maxOutboxBytes) this.#paths.saw('reader without room');
    const most = maxOutboxBytes + (pageBytes + this.#truth.largestEntryBytes + smallMessagesBytes) * weight;
    expectThat(
      bufferedBytes <= most,
      () => `O4: ${bufferedBytes} bytes wait for one reader, more than ${most}`,
    );
    expectThat(this.#allowed?.has(heard.what) ?? true, () => `O5: ${heard.what} is said when all is said`);
    for (const update of heard.updates) this.#expectStored(update);
    return heard.what;
  }

  /** Client ids are never those of two documents, so it need not be known of which document this is. */
  #expectStored(update: Uint8Array): void {
    const bytes = Buffer.from(update.buffer, update.byteOffset, update.length).toString('latin1');
    if (this.#shown.has(bytes)) return;
    const lacking = this.#truth.lacks(readUpdate(update));
    expectThat(lacking === undefined, () => `O8: ${lacking} is shown and is not on the disk`);
    // What has been synced stays so.
    this.#shown.add(bytes);
  }
}

function readNative(frame: Uint8Array): Heard {
  const down = downCodec.decode(frame);
  const channel = 'channel' in down ? down.channel : 0;
  return { what: down.say, channel, updates: down.say === 'updates' ? down.updates : [] };
}

function readStock(frame: Uint8Array): Heard {
  const decoder = createDecoder(frame);
  if (readVarUint(decoder) === 1) {
    const entries = readVarUint(createDecoder(readVarUint8Array(decoder)));
    return { what: entries === 0 ? 'keep-alive' : 'presence', channel: 0, updates: [] };
  }
  const isRequest = readVarUint(decoder) === 0;
  const body = readVarUint8Array(decoder);
  return { what: isRequest ? 'ask' : 'updates', channel: 0, updates: isRequest ? [] : [body] };
}
