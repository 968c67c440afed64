// Reads what machines say to each other before it goes out.
// O9: what is on its way to another machine is bounded. O10: what they say that they hold. O13: once all is said, nothing is said but
// that they are there.
import { maxOutboxBytes } from '@syncline/server/core/limits.ts';
import { bytesOf } from '@syncline/server/replication/feeder.ts';
import * as limits from '@syncline/server/replication/limits.ts';
import { type Message, messageCodec } from '@syncline/server/replication/messages.ts';
import type { Machine } from '../world/machine.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import type { Sending } from '../world/server-process.ts';
import type { Claims } from './claims.ts';
import { expectThat } from './violation.ts';

type Resume = Extract<Message, { say: 'resume' }>;

/** What one machine says to another, as far as it is followed. */
interface Talk {
  resume: Resume | undefined;
  isRegressed: boolean;
  unacked: { readonly through: number; readonly bytes: number; readonly entries: number }[];
  largestFrame: number;
}

export class PeerWiretap {
  readonly #claims: Claims;
  readonly #paths: RarePaths;
  readonly #talks = new Map<string, Talk>();
  /** Whether there is nothing to say but signs of life. */
  isQuiet = false;
  /** Called when a machine has told another one a part of what that one has missed, up to a sequence. */
  onMidway: (source: Machine, through: number) => void = () => {};

  constructor(claims: Claims, paths: RarePaths) {
    this.#claims = claims;
    this.#paths = paths;
  }

  /** Throws a Violation. Gives what is said. */
  tells(from: Machine, to: Machine, { frame, bufferedBytes, weight }: Sending): string {
    const message = messageCodec.decode(frame);
    const own = this.#talk(from, to);
    const other = this.#talk(to, from);
    own.largestFrame = Math.max(own.largestFrame, frame.length);
    expectThat(
      !this.isQuiet || message.say === 'beat',
      () => `O13: ${from.name} says ${inWords(message)} when all is said`,
    );
    // What is answered is read page by page, several at once; each page may be as large as the largest frame so far.
    const most = maxOutboxBytes + own.largestFrame * (limits.maxAnswers + 4) * weight;
    expectThat(
      bufferedBytes <= most,
      () => `O9: ${bufferedBytes} bytes wait for ${to.name}, more than ${most}`,
    );
    this.#follow(from, { own, other }, message);
    if (message.say === 'ack' && message.held < message.through) this.onMidway(to, message.through);
    return inWords(message);
  }

  #follow(from: Machine, { own, other }: { own: Talk; other: Talk }, message: Message): void {
    switch (message.say) {
      case 'hello':
        own.unacked = [];
        own.resume = undefined;
        own.isRegressed = false;
        return;
      case 'resume':
        if (message.round > 1 && !other.isRegressed) this.#paths.saw('gap noticed');
        own.resume = message;
        return;
      case 'resumed':
        own.unacked = [];
        own.isRegressed = false;
        return this.#resumed(other.resume, message);
      case 'regressed':
        own.isRegressed = true;
        own.unacked = [];
        return this.#paths.saw('resumed after an audit');
      case 'changes':
        return this.#changes(own, message);
      case 'ack':
        while (other.unacked[0] && other.unacked[0].through <= message.through) other.unacked.shift();
        return this.#claims.says(from, { epoch: message.epoch, sequence: message.held });
      case 'beat':
        return this.#beat(from, message);
      case 'sums':
        if (message.sums.length === 0) this.#paths.saw('tree asked for while it was built');
        return;
      case 'refused':
        if (message.code === 'duplicate_link') this.#paths.saw('duplicate link');
        return;
      case 'proof':
      case 'fetch':
      case 'document':
      case 'unavailable':
      case 'sumsOf':
      case 'leafOf':
      case 'leaf':
      case 'presence':
      case 'burialsOf':
      case 'burials':
      case 'ephemeral':
    }
  }

  #resumed(resume: Resume | undefined, { candidate }: Extract<Message, { say: 'resumed' }>): void {
    const position = resume?.candidates[candidate]?.position;
    if (position === 0) this.#paths.saw('resumed from the beginning');
    else if (candidate === 0) this.#paths.saw('resumed at the checkpoint');
    else this.#paths.saw('resumed at a drained point');
  }

  #changes({ unacked }: Talk, { through, entries }: Extract<Message, { say: 'changes' }>): void {
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    const before = unacked.reduce((sum, each) => sum + each.bytes, 0);
    expectThat(
      before < limits.maxUnackedBytes,
      () => `O9: more is sent while ${before} bytes are not acknowledged`,
    );
    unacked.push({ through, bytes, entries: entries.length });
  }

  #beat(from: Machine, { replicas: [own, ...others] }: Extract<Message, { say: 'beat' }>): void {
    for (const holding of own!.holdings) this.#claims.says(from, holding);
    for (const { replica, holdings } of others)
      for (const holding of holdings) this.#claims.passesOn(from, replica, holding);
  }

  #talk(from: Machine, to: Machine): Talk {
    const key = `${from.name}>${to.name}`;
    let talk = this.#talks.get(key);
    if (!talk) {
      talk = { resume: undefined, isRegressed: false, unacked: [], largestFrame: 0 };
      this.#talks.set(key, talk);
    }
    return talk;
  }
}

function inWords(message: Message): string {
  switch (message.say) {
    case 'resume':
      return `resume ${message.round} at ${message.candidates.map(({ position, headSeen }) => `${position}/${headSeen}`).join()}`;
    case 'resumed':
      return `resumed ${message.round} with ${message.candidate}, head ${message.head}`;
    case 'changes':
      return `changes ${message.from}-${message.through} of ${message.head} in round ${message.round}: ${message.entries.map(({ document, sequence, updates }) => `${document}@${sequence}+${updates.length}`).join(' ')}`;
    case 'ack':
      return `ack ${message.through}, held ${message.held}`;
    case 'fetch':
      return `fetch ${message.ticket} ${message.document} ${message.incarnation}`;
    case 'document':
      return `document ${message.ticket} ${message.part}${message.isLast ? ' last' : ''}`;
    case 'unavailable':
      return `unavailable ${message.ticket} ${message.code}`;
    case 'refused':
      return `refused ${message.code}`;
    case 'beat':
      return `beat ${message.number} at ${message.head}`;
    case 'hello':
    case 'proof':
    case 'regressed':
    case 'sumsOf':
    case 'sums':
    case 'leafOf':
    case 'leaf':
    case 'presence':
    case 'burialsOf':
    case 'burials':
    case 'ephemeral':
      return message.say;
  }
}
