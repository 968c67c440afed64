// Who this window is to the others: a name that was invented until somebody gives theirs, and a colour.
import { type Awareness, removeAwarenessStates } from 'y-protocols/awareness';
import { colourApart, isColour, palette } from '../parts/colour.ts';
import { recall, remember } from './memory.ts';
import { inventedName, nameFrom, oneOf, type Person, personIn } from '../parts/person.ts';

export function ownPerson(): Person {
  const colour = recall('sessionStorage', 'colour');
  const own = {
    // A name that was given is for every window, one that was invented for this one.
    name: recall('localStorage', 'name') ?? recall('sessionStorage', 'name') ?? inventedName(),
    colour: isColour(colour) ? colour : oneOf(palette),
  };
  remember('sessionStorage', 'name', own.name);
  remember('sessionStorage', 'colour', own.colour);
  return own;
}

/** Tells the others, in the fields of stock editors. */
export function enter(presence: Awareness): void {
  const { name, colour } = ownPerson();
  const state = presence.getLocalState() ?? {};
  presence.setLocalState({ ...state, user: { name, color: colour } });
}

/** Takes another name; an empty one is none. Gives the name that is had then. */
export function rename(text: string, presence: Awareness | undefined): string {
  const name = nameFrom(text);
  if (name) remember('localStorage', 'name', name);
  if (name && presence) enter(presence);
  return ownPerson().name;
}

/** Takes another colour if somebody who is to keep theirs has the same. */
export function keepApart(presence: Awareness): void {
  const { colour } = ownPerson();
  const others = [...presence.getStates()].filter(([client]) => client !== presence.clientID);
  const coloursOf = (clients: typeof others): string[] => clients.map(([, state]) => personIn(state).colour);
  const before = coloursOf(others.filter(([client]) => client < presence.clientID));
  const apart = colourApart(colour, before, coloursOf(others));
  if (apart === colour) return;
  remember('sessionStorage', 'colour', apart);
  enter(presence);
}

/** Nothing is known of the others while there is no connection; who is here then is said again on the next one. */
export function forgetOthers(presence: Awareness): void {
  const others = [...presence.getStates().keys()].filter((client) => client !== presence.clientID);
  removeAwarenessStates(presence, others, 'disconnected');
  // Else what is said again would be taken for old.
  for (const client of others) presence.meta.delete(client);
}
