// What the status of one document claims at a client, held against the disk of the server that says so.
// O2: once saved() resolves, what was in the document when it was called is on the disk. O7: saved means that all that was typed here is on
// the disk; current means that all is here that the disk had before.
import type { DocumentStatus } from '@syncline/client/status.ts';
import type { ServerFacts } from '@syncline/client/sync/connection-state.ts';
import type { ChannelState } from '@syncline/client/sync/channel.ts';
import type * as Y from 'yjs';
import type { ClientSurroundings } from '../client/surroundings.ts';
import { readDocument, readUpdate, type Said } from './clocks.ts';
import { clocksOf, lackingIn, ownPart } from './document-clocks.ts';
import { expectThat } from './violation.ts';

const nothing: Said = { structs: [], deleted: [] };

export interface Claimant {
  readonly name: string;
  readonly owner: string;
  readonly doc: Y.Doc;
}

export class DocumentClaims {
  readonly #claimant: Claimant;
  readonly #surroundings: ClientSurroundings;
  /** Typed here, and not seen on the disk yet. */
  #typed: Said[] = [];
  /** By tab that is there, what it has told of what it typed: it keeps that and sends it. */
  readonly #told = new Map<string, Said[]>();
  /** What the disk had when the document was opened on this connection. */
  #before: Said = nothing;
  #incarnationBefore = 1;
  #phase = 'detached';
  #agreement = 'unknown';
  /** Which server it was live at last, and in which of its epochs. */
  #replica = '';
  #epoch = '';
  #losses = 0;
  /** Whether something was typed by whoever may only read. */
  #isHeldBack = false;
  /** Of which past of the disk it can know, having caught up since; and will, when it has. */
  #pastKnown: object;
  #pastAtOpen: object;

  constructor(claimant: Claimant, surroundings: ClientSurroundings) {
    this.#claimant = claimant;
    this.#surroundings = surroundings;
    this.#pastKnown = this.#pastAtOpen = surroundings.truth.past;
    const { doc } = claimant;
    if (doc.store.clients.size > 0) this.#typed.push(ownPart(doc));
  }

  /** The phase that was looked at last. */
  get phase(): string {
    return this.#phase;
  }

  typed(update: Uint8Array): void {
    this.#typed.push(readUpdate(update));
  }

  /** What was kept is here: saved means that as well, and what has become of the disk since is known when it has been heard. */
  restored(structs: readonly number[]): void {
    this.#pastKnown = {};
    this.#typed.push({ structs, deleted: [] });
  }

  /** A tab has told of what it typed. */
  told(tab: string, updates: readonly Uint8Array[]): void {
    this.#told.set(tab, [...(this.#told.get(tab) ?? []), ...updates.map(readUpdate)]);
  }

  /** What a tab has told is this one's to send when it is gone, as far as it is shown: saved means that, too, from now on. */
  leftBy(tab: string): void {
    const told = this.#told.get(tab) ?? [];
    this.#told.delete(tab);
    const here = clocksOf([readDocument(this.#claimant.doc)]);
    this.#typed.push(...told.filter((said) => here.lacks(said) === undefined));
  }

  /** What is in the document, without what others have told who are there. */
  own(): number[] {
    const theirs = new Set<number>();
    for (const said of [...this.#told.values()].flat())
      for (let at = 0; at < said.structs.length; at += 3) theirs.add(said.structs[at]!);
    const { structs } = readDocument(this.#claimant.doc);
    return structs.filter((_, at) => !theirs.has(structs[at - (at % 3)]!));
  }

  /** Somebody asks for all of it to be saved now. What this gives is called when it is said to be, and throws a Violation. */
  asked(replicas = 1): () => void {
    const wanted: Said[] = [{ structs: this.own(), deleted: [] }, ...this.#typed];
    const losses = this.#losses;
    return () => {
      if (losses < this.#losses) this.#surroundings.paths.saw('saved after a loss');
      if (this.#knowsTheDisk) this.#expectStored(wanted, 'O2: saved() has resolved');
      if (replicas > 1) this.#surroundings.holders?.expectHeld(wanted, replicas);
    };
  }

  /** Somebody looks at the status. Throws a Violation. */
  looked({ uploads, downloads }: DocumentStatus, { phase, server, agreement }: ChannelState): void {
    if (uploads.isSaved) this.#expectTypedStored();
    this.#follow(phase.phase, server);
    if (downloads.state === 'refused')
      expectThat(downloads.error.code === 'document_deleted' || downloads.error.retry !== 'never', () =>
        String(downloads.error),
      );
    if (!uploads.isAllowed) this.#isHeldBack ||= uploads.edits > 0;
    else if (this.#isHeldBack && uploads.isSaved) {
      this.#isHeldBack = false;
      this.#surroundings.paths.saw('saved when it was allowed');
    }
    if (agreement === this.#agreement) return;
    this.#agreement = agreement;
    if (agreement === 'differed') this.#surroundings.paths.saw('digest differed');
    if (agreement === 'agreed') this.#surroundings.paths.saw('digest agreed');
  }

  /** A disk that was put back has lost what it acknowledged; a client cannot know before it is connected again. */
  get #knowsTheDisk(): boolean {
    return this.#pastKnown === this.#surroundings.truth.past;
  }

  #follow(phase: string, server: ServerFacts | undefined): void {
    const before = this.#phase;
    if (phase === before) return;
    this.#phase = phase;
    const { name, owner } = this.#claimant;
    const { truth, paths, trace, hasUntold } = this.#surroundings;
    trace.note(`${owner} ${name}: ${before} -> ${phase}`);
    if (phase === 'detached') this.#losses++;
    if (phase === 'postponed') paths.saw('document refused for a while');
    if (phase === 'opening') {
      this.#pastAtOpen = truth.past;
      // What the server does not know of it cannot tell.
      this.#before = hasUntold() ? nothing : truth.shown(name);
      this.#incarnationBefore = truth.incarnation(name);
    }
    if (phase === 'live') this.#cameToLive(before, server!);
  }

  #cameToLive(before: string, server: ServerFacts): void {
    const { name, owner, doc } = this.#claimant;
    const { paths, truth } = this.#surroundings;
    this.#pastKnown = this.#pastAtOpen;
    const [replica, epoch] = [server.replica.join(), server.epoch.join()];
    if (before === 'opening') {
      paths.saw('resume accepted');
      if (epoch !== this.#epoch) paths.saw('resume into another epoch');
    }
    if (before === 'catching-up' && this.#replica !== '' && this.#replica !== replica)
      paths.saw('resumed by version at another replica');
    this.#replica = replica;
    this.#epoch = epoch;
    // A server that a client of a later incarnation comes to may hear only then that its own has ended.
    if (truth.incarnation(name) !== this.#incarnationBefore) return;
    const lacking = lackingIn(doc, this.#before);
    expectThat(lacking === undefined, () => `O7: ${owner} calls ${name} current and ${lacking}`);
  }

  #expectTypedStored(): void {
    if (this.#typed.length === 0 || !this.#knowsTheDisk) return;
    this.#expectStored(this.#typed, 'O7: it is said to be saved');
    this.#typed = [];
  }

  #expectStored(wanted: readonly Said[], when: string): void {
    const { name, owner } = this.#claimant;
    const { truth } = this.#surroundings;
    for (const said of wanted) {
      const lacking = truth.lacks(said);
      expectThat(
        lacking === undefined,
        () => `${when}, but ${lacking} in ${name} of ${owner} is not on the disk`,
      );
    }
  }
}
