// What a running replica says of itself: its status, its metrics, and what it finds when it is asked to compare.
import type { ClusterStatus, LinkStatus, VerifyOutcome } from '@syncline/server/replication/contract.ts';

/** Anything with the URL of a server. */
export interface Served {
  readonly http: string;
}

export async function statusOf({ http }: Served): Promise<ClusterStatus> {
  return (await (await fetch(`${http}/v1/status`)).json()) as ClusterStatus;
}

/** Audits every link of a replica now, or compares one document. */
export async function verify({ http }: Served, document?: string): Promise<VerifyOutcome> {
  const body = JSON.stringify({ document });
  const headers = { 'content-type': 'application/json' };
  return (await (
    await fetch(`${http}/v1/verify`, { method: 'POST', headers, body })
  ).json()) as VerifyOutcome;
}

/** Every series by its name, without the prefix, with labels as they are printed. */
export async function metricsOf({ http }: Served): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const series = [...text.matchAll(/^syncline_(\S+?(?:\{.*\})?) (\S+)$/gm)];
  return new Map(series.map(([, name, value]) => [name!, Number(value)]));
}

/** The link with a replica, by its name. */
export function linkTo({ links }: Pick<ClusterStatus, 'links'>, name: string): LinkStatus {
  const link = links.find((each) => each.name === name);
  if (!link) throw new Error(`there is no link with ${name}`);
  return link;
}
