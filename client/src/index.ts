import { type AnyClientOptions, type Client as AnyClient, clientOf } from './client.ts';
import type { Engine } from './engine.ts';
import type { Platform } from './sync/platform.ts';
import { webPlatform } from './web/platform.ts';
import { type OpenYjs, yjs } from './yjs/engine.ts';

/** A client that opens Yjs documents, and those of the engines that it was given. */
export type Client<More = unknown> = AnyClient<OpenYjs & More>;

export interface ClientOptions<More = unknown> extends AnyClientOptions {
  /** Engines beside Yjs, such as `automerge` of `@syncline/client/automerge`. */
  readonly engines?: readonly Engine<More>[] | undefined;
}

/** Connects when the first document is opened. `platform` is there for simulations and for places that are neither browser nor Node. */
export function createClient<More = unknown>(
  options: ClientOptions<More>,
  platform: Platform = webPlatform,
): Client<More> {
  return clientOf(options, [yjs, ...(options.engines ?? [])], platform);
}

export type { CloseOptions } from './client.ts';
export type { AllDownloads, AllUploads, ClientStatus } from './client-status.ts';
export type { Engine } from './engine.ts';
export type { Ephemeral, EphemeralListener, EphemeralSender } from './ephemeral/session.ts';
export type { Durability } from './local/keeper.ts';
export type { LocalStatus } from './local/local-document.ts';
export { LocalStoreError } from './local/store.ts';
export type { LocalStore, LocalStoreErrorCode } from './local/store.ts';
export type { TabRole } from './local/tabs.ts';
export type { LostConnectionOptions } from './lost-connection.ts';
export type { SavedOptions } from './open-document.ts';
export type { DocumentStatus, Downloads, Uploads } from './status.ts';
export type { ConnectionOptions } from './sync/connection.ts';
export type { ConnectionState, LossReason, ServerFacts, TokenTrouble } from './sync/connection-state.ts';
export type { Platform, Socket, SocketListener } from './sync/platform.ts';
export type { Token } from './sync/credentials.ts';
export { SyncedDocument } from './yjs/document.ts';
export type { OpenOptions } from './yjs/engine.ts';
export { SyncError } from '@syncline/shared';
export type { ErrorCode } from '@syncline/shared';
