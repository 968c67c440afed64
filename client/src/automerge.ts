// Automerge documents over Syncline: an engine for the client of `@syncline/client`, or a client that knows no other. Nothing of Yjs
// is loaded with it.
import { automerge, type OpenAutomerge } from './automerge/engine.ts';
import { type AnyClientOptions, type Client as AnyClient, clientOf } from './client.ts';
import type { Platform } from './sync/platform.ts';
import { webPlatform } from './web/platform.ts';

/** A client that opens Automerge documents. */
export type Client = AnyClient<OpenAutomerge>;

/** Connects when the first document is opened. `platform` is there for simulations and for places that are neither browser nor Node. */
export function createClient(options: AnyClientOptions, platform: Platform = webPlatform): Client {
  return clientOf(options, [automerge()], platform);
}

export { automerge } from './automerge/engine.ts';
export { AutomergeDocument } from './automerge/document.ts';
export type { ChangeOptions, DocumentChange } from './automerge/content.ts';
export type { OpenAutomerge, OpenAutomergeOptions } from './automerge/engine.ts';
export type { Presence, PresenceChange, PresenceListener, PresenceState } from './automerge/presence.ts';
export type { AnyClientOptions as ClientOptions, CloseOptions } from './client.ts';
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
export { SyncError } from '@syncline/shared';
export type { ErrorCode } from '@syncline/shared';
