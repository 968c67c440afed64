// What the conversations of one socket share.
import type { DocumentName, SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import type { Speaker } from '../../core/speaker.ts';
import type { Clock } from '../../port/clock.ts';
import type { Wire } from './provider.ts';
import type { Stateless } from './stateless.ts';
import type { WaitingRoom } from './waiting.ts';

export interface Line extends Wire {
  readonly clock: Clock;
  readonly stateless: Stateless;
  readonly waitingRoom: WaitingRoom;
  /** Whether the frame that is being read came at once behind the one before. */
  readonly isAtOnce: boolean;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker, access: { mayWrite: boolean }): Channel;
  keeps(bytes: number): void;
  holdBack(who: object, isHeldBack: boolean): void;
  /** The socket is over. */
  end(error: SyncError): void;
  /** The provider is to connect again, with a new token. */
  reset(): void;
}
