// What dialects that speak of single changes need of this engine.
import type { ChangeFormat, ChangeGraph } from '../../port/changes.ts';
import { encodeHeadsRequest } from '@syncline/shared';
import { parseChanges } from './change.ts';
import { beginsWithDocument } from './document-chunk.ts';
import { encodeChangesRequest } from './request.ts';

export const changeFormat: ChangeFormat = {
  // Versions of this engine are graphs.
  graphOf: (version) => version as unknown as ChangeGraph,
  changesOf: parseChanges,
  isDocument: beginsWithDocument,
  requestOf: encodeChangesRequest,
  requestOfAll: encodeHeadsRequest({ heads: [], samples: [] }),
};
