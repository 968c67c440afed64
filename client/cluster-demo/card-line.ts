// What is said below a text: how it stands with its own replica, and whether the others have it. Pure.
import type { DocumentStatus } from '../src/index.ts';
import { type Line, lineOf } from '../parts/status-line.ts';
import type { HeldState } from './holders.ts';
import type { ReplicaNow } from './snapshot.ts';
import { listed } from './words.ts';

export interface Card {
  readonly replica: Pick<ReplicaNow, 'name'>;
  /** How many replicas there are. */
  readonly count: number;
}

export function cardLine(status: DocumentStatus, held: HeldState, { replica: { name }, count }: Card): Line {
  const line = lineOf(status, { hasLoaded: status.downloads.state === 'current' });
  if (line.is !== 'saved') return line;
  switch (held) {
    case 'asking':
      return { is: 'saving', text: 'Saving' };
    case 'lacking': {
      const { awaited } = status.uploads;
      const lack =
        awaited.length === 0 ? '' : `; ${listed(awaited)} ${awaited.length > 1 ? 'lack' : 'lacks'} it`;
      return { is: 'here', text: `On disk in ${name}${lack}` };
    }
    case 'all':
      return { is: 'saved', text: `On the disks of all ${count}` };
    case 'nothing':
      return { is: 'saved', text: `On disk in ${name}` };
  }
}
