// One connection with another replica from its first byte on: the greeting, then the link.
import { isErrorCode, SyncError } from '@syncline/shared';
import type { Clock, Timer } from '../port/clock.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';
import type { Secret } from '../port/secret.ts';
import { Greeting, type Introduction, type Role } from './greeting.ts';
import { greetWithinMs, maxNameLength } from './limits.ts';
import type { Link } from './link.ts';
import { messageCodec } from './messages.ts';

export interface PeerSessionSettings {
  readonly clock: Clock;
  readonly secret: Secret;
  readonly introduction: Introduction;
  readonly role: Role;
  readonly outbox: Outbox;
  /** It has proved itself. Nothing more is read until there is a link, or the session has ended. */
  onKnown(session: PeerSession, peer: Introduction): void;
  onEnd(session: PeerSession, error: SyncError): void;
}

export class PeerSession implements Session {
  readonly role: Role;
  readonly outbox: Outbox;
  /** Nothing of it was said before, by our clock. */
  readonly sinceMs: number;
  readonly #settings: PeerSessionSettings;
  readonly #greeting: Greeting;
  readonly #timer: Timer;
  #early: Uint8Array[] = [];
  #isKnown = false;
  #peerName = '';
  #isOver = false;
  #link: Link | undefined;

  constructor(settings: PeerSessionSettings) {
    this.#settings = settings;
    this.role = settings.role;
    this.outbox = settings.outbox;
    const { role, introduction, secret, outbox, clock } = settings;
    this.sinceMs = clock.now();
    this.#greeting = new Greeting(role, introduction, secret, (frame) => outbox.send(frame));
    this.#timer = clock.after(greetWithinMs, () =>
      this.end(new SyncError('silent', 'it did not greet in time')),
    );
    this.#greeting.begin();
  }

  /** How long it may stay silent is judged here and not by the edge. */
  get hasSpoken(): boolean {
    return true;
  }

  /** What the other one is called; empty until it has proved itself. */
  get peerName(): string {
    return this.#peerName;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#link) return this.#link.receive(frame);
    // What came in the same read as the proof.
    if (this.#isKnown) return void this.#early.push(frame);
    try {
      if (this.#isRefusal(frame)) return;
      const peer = this.#greeting.heard(frame);
      if (!peer) return;
      this.#isKnown = true;
      this.#peerName = peer.name;
      this.#timer.cancel();
      this.outbox.pause();
      this.#settings.onKnown(this, peer);
    } catch (error) {
      this.end(error);
    }
  }

  /** What it says from now on is for the link. */
  attach(link: Link): void {
    this.#link = link;
    for (const frame of this.#early.splice(0)) link.receive(frame);
    this.outbox.resume();
  }

  keepAlive(): void {}

  drained(): void {
    this.#link?.drained();
  }

  end(error: unknown): void {
    if (this.#isOver) return;
    const refusal = error instanceof SyncError ? error : new SyncError('internal');
    if (this.#link) return this.#link.end(refusal);
    this.outbox.send(messageCodec.encode({ say: 'refused', code: refusal.code, detail: refusal.detail }));
    this.outbox.close(refusal.close, refusal.message);
    this.#end(refusal);
  }

  closed(): void {
    const error = new SyncError('unavailable', 'the connection has ended');
    if (this.#link) this.#link.closed(error);
    else this.#end(error);
  }

  /** The link has ended. */
  linkEnded(error: SyncError): void {
    this.#end(error);
  }

  /** The other side may refuse at any time. */
  #isRefusal(frame: Uint8Array): boolean {
    const message = messageCodec.decode(frame);
    if (message.say !== 'refused') return false;
    const code = isErrorCode(message.code) ? message.code : 'bad_frame';
    this.outbox.close(1000, '');
    this.#end(new SyncError(code, message.detail.slice(0, maxNameLength)));
    return true;
  }

  #end(error: SyncError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#settings.onEnd(this, error);
  }
}
