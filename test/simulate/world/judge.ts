// Who may do what at a server: the shipped judgement of tokens on simulated time, and a record of what it came to.
import { noAccessControl } from '@syncline/server/auth/none.ts';
import { TokenAccess } from '@syncline/server/auth/token.ts';
import type { Principal } from '@syncline/server/port/access.ts';
import { SyncError } from '@syncline/shared';
import type { Verdicts } from '../oracle/verdicts.ts';
import type { Schedule } from './schedule.ts';

/** Says of the tokens of one session who that is. */
export type Identify = (token: string) => Promise<Principal>;

/** Lets everybody in. */
export function judgeNobody(): Identify {
  return (token) => noAccessControl.identify({ token, address: '' });
}

interface JudgeSettings {
  readonly key: Uint8Array;
  readonly schedule: Schedule;
  readonly wallClock: () => number;
  readonly verdicts: Verdicts;
}

export class Judge {
  readonly #access: TokenAccess;
  readonly #settings: JudgeSettings;

  constructor(settings: JudgeSettings) {
    this.#settings = settings;
    this.#access = new TokenAccess(settings.key, settings.wallClock);
  }

  /** For a session that begins. */
  session(): Identify {
    const { verdicts } = this.#settings;
    let first: Principal | undefined;
    return async (token) => {
      const principal = await this.#identify(token);
      first ??= principal;
      // The session is that of one alone, and refuses all others.
      if (principal.id === first.id) verdicts.accepted(token, principal.validForMs);
      else verdicts.refused(token, 'unauthenticated');
      return principal;
    };
  }

  async #identify(token: string): Promise<Principal> {
    const { schedule, verdicts } = this.#settings;
    try {
      return await schedule.outside(this.#access.identify({ token, address: '' }));
    } catch (error) {
      if (error instanceof SyncError) verdicts.refused(token, error.code);
      throw error;
    }
  }
}
