// Stock providers of each version against a real server: every scenario with every version.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessScenarios } from '../support/hocuspocus-access.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { hocuspocusVersions } from '../support/hocuspocus-client.ts';
import { editingScenarios } from '../support/hocuspocus-editing.ts';
import { savingScenarios } from '../support/hocuspocus-saving.ts';
import { sharingScenarios } from '../support/hocuspocus-sharing.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

const scenarios = [...editingScenarios, ...savingScenarios, ...sharingScenarios, ...accessScenarios];

describe.each(hocuspocusVersions)('@hocuspocus/provider %s', (version) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;
  let guarded: GuardedServer;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
    guarded = await GuardedServer.start();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await guarded[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  for (const { rules, name, versions = hocuspocusVersions, run } of scenarios) {
    if (!versions.includes(version)) continue;
    it(`${rules} @hocuspocus/provider ${version}: ${name}`, async () => {
      await expect(run({ version, server, guarded })).resolves.toBeUndefined();
    });
  }
});
