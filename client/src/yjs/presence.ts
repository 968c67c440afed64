// Binds y-protocols' Awareness, which editor bindings expect, to what a channel says and hears of presence.
import { type PresenceEntry } from '@syncline/shared';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { Observable } from 'lib0/observable';
import { type Awareness, applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import type { BoundPresence } from '../engine.ts';

export interface BoundAwareness extends BoundPresence {
  /** Says that nobody is here, and leaves the awareness to whoever owns it, as it is but for the others. */
  letGo(): void;
}

interface Changes {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** Says through `say` what changes here; gives the listener for what is heard, and what ends it all. */
export function bindAwareness(
  awareness: Awareness,
  say: (entries: readonly PresenceEntry[]) => void,
): BoundAwareness {
  const { clientID } = awareness;
  const changed = ({ added, updated, removed }: Changes): void => {
    // Whoever changed it: told that it was removed, an awareness takes the next clock, and that has to be said.
    if ([...added, ...updated, ...removed].includes(clientID)) say([entryOf(awareness, clientID)]);
  };
  const forgetOthers = (): void => {
    const others = [...awareness.getStates().keys()].filter((client) => client !== clientID);
    removeAwarenessStates(awareness, others, 'syncline');
    // Else what is said again would be taken for old.
    for (const client of awareness.meta.keys()) if (client !== clientID) awareness.meta.delete(client);
  };
  awareness.on('update', changed);
  say([entryOf(awareness, clientID)]);
  return {
    heard: (entries) => applyAwarenessUpdate(awareness, encode(entries), 'syncline'),
    beginAnew: () => {
      forgetOthers();
      const state = awareness.getLocalState();
      if (state) awareness.setLocalState(state);
    },
    end: () => {
      awareness.off('update', changed);
      destroy(awareness);
    },
    letGo: () => {
      awareness.off('update', changed);
      const { clock = 0 } = awareness.meta.get(clientID) ?? {};
      // Under the clock after that it is said when it is bound again.
      awareness.meta.set(clientID, { clock: clock + 2, lastUpdated: Date.now() });
      say([{ client: clientID, clock: clock + 1, state: undefined }]);
      forgetOthers();
    },
  };
}

/** Throws what a listener of the application throws when it is told, with the timer of the awareness ended all the same. */
function destroy(awareness: Awareness): void {
  try {
    awareness.destroy();
  } catch (error) {
    Observable.prototype.destroy.call(awareness);
    awareness.destroy();
    throw error;
  }
}

function entryOf(awareness: Awareness, client: number): PresenceEntry {
  const state = awareness.getStates().get(client);
  const clock = awareness.meta.get(client)?.clock ?? 0;
  return { client, clock, state: state ? new TextEncoder().encode(JSON.stringify(state)) : undefined };
}

function encode(entries: readonly PresenceEntry[]): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, entries.length);
  for (const { client, clock, state } of entries) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, clock);
    writeVarString(encoder, state ? new TextDecoder().decode(state) : 'null');
  }
  return toUint8Array(encoder);
}
