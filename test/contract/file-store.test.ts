import { join } from 'node:path';
import { fileStore } from '@syncline/client/file';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/server.ts';
import { localStoreCases } from './local-store.ts';

// A file belongs to one process.
const cases = localStoreCases.filter(({ isShared }) => !isShared);

describe('a file', () => {
  it.each(cases)('$name', async ({ run }) => {
    using folder = temporaryFolder();
    await expect(run({ open: () => fileStore(join(folder.path, 'kept')) })).resolves.toBeUndefined();
  });
});
