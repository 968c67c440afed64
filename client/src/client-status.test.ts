import { describe, expect, it } from 'vitest';
import { allOf } from './client-status.ts';
import type { LocalStatus } from './local/local-document.ts';
import type { DocumentStatus, Uploads } from './status.ts';

const current = { state: 'current' } as const;
const kept: LocalStatus = { state: 'kept', isWritten: true };

function document(
  uploads: Partial<Uploads>,
  local: LocalStatus = { state: 'memory' },
  downloads: DocumentStatus['downloads'] = current,
): DocumentStatus {
  const none = { isSaved: true, isAllowed: true, edits: 0, bytes: 0, oldestMs: undefined, awaited: [] };
  return { connection: { state: 'initial' }, uploads: { ...none, ...uploads }, downloads, local };
}

const typed = (edits: number, oldestMs: number) => ({ isSaved: false, edits, bytes: edits * 10, oldestMs });

describe('[SDK18] the status of a client', () => {
  it('is saved and kept when there is nothing', () => {
    expect(allOf([], []).uploads).toEqual({
      isSaved: true,
      isKept: true,
      documents: 0,
      edits: 0,
      bytes: 0,
      oldestMs: undefined,
    });
  });

  it('sums up what is unsaved in all documents, those included that nobody has open', () => {
    const open = [document(typed(2, 50)), document({})];
    expect(allOf(open, [document(typed(3, 20))]).uploads).toMatchObject({
      isSaved: false,
      documents: 2,
      edits: 5,
      bytes: 50,
      oldestMs: 20,
    });
  });

  it('is kept only if everything that is unsaved is written on this device', () => {
    const isKept = (...documents: DocumentStatus[]): boolean => allOf(documents, []).uploads.isKept;
    expect(isKept(document(typed(1, 0), kept), document({}))).toBe(true);
    expect(isKept(document(typed(1, 0), kept), document(typed(1, 0)))).toBe(false);
    expect(isKept(document(typed(1, 0), { state: 'kept', isWritten: false }))).toBe(false);
    expect(isKept(document(typed(1, 0), { state: 'loading', isWritten: false }))).toBe(false);
    expect(isKept(document({ isSaved: false }, { state: 'loading', isWritten: true }))).toBe(true);
  });

  it('counts the documents that are current, of those that are open', () => {
    const catchingUp = { state: 'catching-up', bytes: 0, received: 0 } as const;
    const open = [document({}), document({}, kept, catchingUp)];
    expect(allOf(open, [document({})]).downloads).toEqual({ documents: 2, current: 1 });
  });
});
