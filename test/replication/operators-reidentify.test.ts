// A data folder that was copied, and is made a replica of its own.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterStatus } from '@syncline/server/replication/contract.ts';
import { expect, it } from 'vitest';
import { syncline } from '../support/command.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { replicateUrl } from './replicas.ts';

async function statusOf({ http }: ServerProcess): Promise<ClusterStatus> {
  return (await (await fetch(`${http}/v1/status`)).json()) as ClusterStatus;
}

it('[OPR11] is refused as it is, and let in once it has an id of its own', async () => {
  using folder = temporaryFolder();
  const [data, copy] = [join(folder.path, 'east'), join(folder.path, 'copy')];
  {
    await using east = await ServerProcess.start({ data });
    await using anna = new SdkClient({ url: east.sync });
    const notes = anna.open('notes');
    write(notes, 'hello');
    await notes.saved();
    await east.end();
  }
  cpSync(data, copy, { recursive: true });
  await using east = await ServerProcess.start({ data, arguments: ['--name', 'east'] });
  const words = ['--name', 'copy', '--peer', replicateUrl(east)];
  {
    await using twin = await ServerProcess.start({ data: copy, arguments: words });
    await until('it is refused', async () => (await statusOf(twin)).links[0]?.state === 'refused');
    expect((await statusOf(twin)).links[0]?.reason).toContain('syncline reidentify');
    const busy = await syncline(['reidentify', '--data', copy]);
    expect([busy.status, busy.stderr]).toEqual([
      1,
      expect.stringMatching(/in use by another Syncline process/),
    ]);
    await twin.end();
  }
  const { status, stdout } = await syncline(['reidentify', '--data', copy]);
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/^The replica in .*copy is now [\da-f]{32}\.\n$/),
  ]);
  await using west = await ServerProcess.start({ data: copy, arguments: words });
  const { replica } = await statusOf(west);
  expect(stdout).toContain(replica);
  expect(replica).not.toBe((await statusOf(east)).replica);
  await using anna = new SdkClient({ url: east.sync });
  const notes = anna.open('notes');
  await notes.synced();
  write(notes, ', world');
  await using ben = new SdkClient({ url: west.sync });
  const same = ben.open('notes');
  await until('it has come', () => textOf(same) === 'hello, world');
});

it('[OPR11] a folder without a database stays as it is', async () => {
  using folder = temporaryFolder();
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  for (const data of [empty, join(folder.path, 'none')]) {
    const { status, stdout, stderr } = await syncline(['reidentify', '--data', data]);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: `There is no database in ${data}.\n`,
    });
  }
});
