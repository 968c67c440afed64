// What has to happen in some runs, or the runs say little: counted by name.

/** Each is seen at least once in a few hundred seeds of one server. */
export const rarePaths = [
  'resume accepted',
  'resume expired',
  'resume into another epoch',
  'commit failed',
  'row unreadable',
  'document refused for a while',
  'asked again after a failed commit',
  'gap asked',
  'digest differed',
  'digest agreed',
  'crash with unacknowledged batches',
  'crash between commit and acknowledgement',
  'backup restored',
  'drained',
  'compaction',
  'compaction failed',
  'costly task',
  'reader fell behind',
  'reader without room',
  'repeated update',
  'document evicted',
  'half-open link found by the client',
  'half-open link found by the server',
  'half-open stock link found by silence',
  'stock client healed',
  'large update',
  'typed offline',
  'reopened with what it held',
  'saved after a loss',
  'kept on the device',
  'device without room',
  'reopened from the device',
  'reopened with what was not saved',
  'tab led',
  'leader frozen',
  'tab took over',
  'edit told by another tab',
  'inherited from a tab',
  'token renewed',
  'token expired in mid-session',
  'token function failed',
  'token revoked',
  'typed without a token',
  'saved when it was allowed',
  'needs a token',
  'logged in again',
] as const;

/** And these in as many seeds of a cluster. */
export const clusterPaths = [
  'resumed at the checkpoint',
  'resumed at a drained point',
  'resumed after an audit',
  'resumed from the beginning',
  'gap noticed',
  'feeder behind',
  'echo suppressed',
  'duplicate link',
  'duplicate identity',
  'regression there',
  'document stuck',
  'tree asked for while it was built',
  'tombstone met a live document',
  'incarnation overtaken',
  'power cut that lost commits',
  'backup restored',
  'gone back behind a position',
  'failed over',
  'came back to the first',
  'resumed by version at another replica',
  'saved on several replicas',
] as const;

export type RarePath = (typeof rarePaths)[number] | (typeof clusterPaths)[number];

export class RarePaths {
  readonly counts = new Map<RarePath, number>();

  saw(path: RarePath, times = 1): void {
    if (times > 0) this.counts.set(path, (this.counts.get(path) ?? 0) + times);
  }
}
