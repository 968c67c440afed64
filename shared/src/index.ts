export { documentName, maxDocumentNameBytes } from './document-name.ts';
export type { DocumentName } from './document-name.ts';
export { errorTable, SyncError } from './error.ts';
export type { ErrorCode, Retry } from './error.ts';
