// Every engine that a server has, under one digest key.
import { enginesOf, type Engines } from '../port/engine.ts';
import { AutomergeEngine } from './automerge.ts';
import { YjsEngine } from './yjs.ts';

/** `digestKey` is 16 bytes and the same on all replicas that compare digests. */
export function allEngines(digestKey: Uint8Array): Engines {
  return enginesOf(new YjsEngine(digestKey), new AutomergeEngine(digestKey));
}

/** Ends the workers of all. Tasks under way reject. */
export async function stopEngines(engines: Engines): Promise<void> {
  await Promise.all([...engines.values()].map((engine) => engine.stop()));
}
