// What every scenario of a stock Hocuspocus provider has: the version it is run with, and a server.
import type { GuardedServer } from './guarded-server.ts';
import { HocuspocusClient, type HocuspocusSettings, type HocuspocusVersion } from './hocuspocus-client.ts';
import type { ServerProcess } from './server.ts';

export interface Place {
  readonly version: HocuspocusVersion;
  /** One that other scenarios use as well, with other documents. */
  readonly server: ServerProcess;
  /** Likewise one with a token key. */
  readonly guarded: GuardedServer;
}

export interface Scenario {
  /** As a test cites them. */
  readonly rules: string;
  readonly name: string;
  /** All, where nothing is said. */
  readonly versions?: readonly HocuspocusVersion[];
  readonly run: (place: Place) => Promise<void>;
}

/** What a scenario calls its document, for all versions at once. */
export function documentOf({ version }: Pick<Place, 'version'>, document: string): string {
  return `${version}/${document}`;
}

/** Somebody with a socket of their own. */
export function enter(
  place: Pick<Place, 'server' | 'version'>,
  document: string,
  settings: Omit<HocuspocusSettings, 'socket' | 'document'> = {},
): HocuspocusClient {
  const { server, version } = place;
  return HocuspocusClient.on(server.hocuspocus, version, {
    ...settings,
    document: documentOf(place, document),
  });
}

/** Likewise; resolves when it is synced. */
export function join(...entering: Parameters<typeof enter>): Promise<HocuspocusClient> {
  return enter(...entering).synced();
}
