export { Client, createClient, SyncedDocument } from './client.ts';
export type { CloseOptions, OpenOptions } from './client.ts';
export type { DocumentStatus, Downloads, Uploads } from './status.ts';
export type { ConnectionOptions } from './sync/connection.ts';
export type { ConnectionState, LossReason, ServerFacts } from './sync/connection-state.ts';
export type { Platform, Socket, SocketListener } from './sync/platform.ts';
export type { SavedOptions } from './sync/synced-content.ts';
export { SyncError } from '@syncline/shared';
export type { ErrorCode } from '@syncline/shared';
