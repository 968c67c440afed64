import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

it('[RUN3] health and metrics answer, and the metrics count what happened', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path, arguments: ['--name', 'east'] });
  expect(await json(`${server.http}/livez`)).toEqual({ status: 'alive' });
  expect(await json(`${server.http}/readyz`)).toEqual({ status: 'ready', durability: 'full' });
  using anna = await new StockClient({ url: server.yjs, document: 'a' }).synced();
  using ben = await new StockClient({ url: server.yjs, document: 'a' }).synced();
  anna.text.insert(0, 'x');
  await until('ben has it', () => ben.text.length === 1);
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  expect(metrics).toContain('syncline_replica_info{name="east",');
  expect(valueOf(metrics, 'syncline_connections')).toBe(2);
  expect(valueOf(metrics, 'syncline_docs_loaded')).toBe(1);
  expect(valueOf(metrics, 'syncline_updates_applied_total')).toBe(1);
  expect(valueOf(metrics, 'syncline_update_bytes_total')).toBeGreaterThan(5);
  expect(valueOf(metrics, 'syncline_storage_commit_duration_seconds_count')).toBe(1);
  expect(valueOf(metrics, 'syncline_storage_batch_updates_sum')).toBe(1);
  expect(valueOf(metrics, 'syncline_event_loop_delay_p99_seconds')).toBeGreaterThanOrEqual(0);
});

it('[RUN3] readiness says what an acknowledgement survives', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--durability', 'normal'],
  });
  expect(await json(`${server.http}/readyz`)).toEqual({ status: 'ready', durability: 'normal' });
});

it('[RUN4] the page and its security headers are served at /', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const response = await fetch(server.http);
  expect(await response.text()).toContain('<title>');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
});

it('[RUN1] the environment and a config file set options, and a flag wins', async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, 'config.json');
  writeFileSync(config, JSON.stringify({ durability: 'normal', name: 'from-file' }));
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--config', config],
    environment: { SYNCLINE_NAME: 'from-environment' },
  });
  expect(await json(`${server.http}/readyz`)).toMatchObject({ durability: 'normal' });
  expect(await (await fetch(`${server.http}/metrics`)).text()).toContain('{name="from-environment",');
});

it('[RUN2] listening beyond loopback is refused unless it is said to be meant', async () => {
  using folder = temporaryFolder();
  const open = ['--host', '0.0.0.0'];
  const refused = await ServerProcess.refused({ data: folder.path, arguments: open });
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.output).toMatch(/^Listening on 0\.0\.0\.0 without a token key .* --insecure .*\.$/);
  await using server = await ServerProcess.start({ data: folder.path, arguments: [...open, '--insecure'] });
  expect(await json(`${server.http}/livez`)).toEqual({ status: 'alive' });
});

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function valueOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}
