// A server that is expected not to start, held to how it says so.
import { expect } from 'vitest';
import { ServerProcess, type ServerSettings } from './server.ts';

/** Runs it; gives the one sentence that it printed. */
export async function refusal(settings: ServerSettings): Promise<string> {
  const { output, ...exit } = await ServerProcess.refused(settings);
  expect(exit).toEqual({ code: 1, signal: null });
  expect(output).toMatch(/^[^\n]+\.$/);
  return output;
}
