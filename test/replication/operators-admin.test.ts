// What an operator asks over HTTP, and who may ask it.
import type { SyncedDocument } from '@syncline/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const json = { 'content-type': 'application/json' };
/** Each a way to ask for something, without what it needs to be of use. */
const paths: [method: string, path: string][] = [
  ['GET', '/v1/status'],
  ['POST', '/v1/verify'],
  ['POST', '/v1/peers/forget'],
  ['DELETE', '/v1/documents/notes'],
  ['POST', '/v1/documents/notes/undelete'],
  ['POST', '/v1/documents/notes/stateless'],
];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly content: { readonly error?: { code: string; message: string; docs: string } } & Record<
    string,
    unknown
  >;
}

async function ask(
  { http }: { http: string },
  method: string,
  path: string,
  { headers = json, body = '{}' }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const answer = await fetch(`${http}${path}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body }),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    content: (await answer.json()) as Answer['content'],
  };
}

/** What an answer is like that refuses. */
function refusal(status: number, code: string): object {
  const message: unknown = expect.stringMatching(/^[A-Z].*[.)]$/);
  return { status, content: { error: { code, message, docs: `docs/errors.md#${code}` } } };
}

/** With which error a document is refused, if it is. */
function refusalOf({ status: { downloads } }: SyncedDocument): string | undefined {
  return downloads.state === 'refused' ? downloads.error.code : undefined;
}

describe('a server without tokens', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path, arguments: ['--name', 'east'] });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('[OPR7] tells whoever may connect how the cluster is', async () => {
    const { status, headers, content } = await ask(server, 'GET', '/v1/status', { headers: {} });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(content).toMatchObject({
      replica: expect.stringMatching(/^[\da-f]{32}$/),
      name: 'east',
      cluster: 'default',
      epoch: expect.stringMatching(/^[\da-f]{16}$/),
      durability: 'full',
      sequence: 0,
      links: [],
    });
    expect(content['replicas']).toEqual([{ replica: content['replica'], name: 'east' }]);
  });

  it.each(['https://evil.example', 'null'])('[OPR7] answers no page of %s', async (origin) => {
    for (const [method, path] of paths) {
      const answer = await ask(server, method, path, { headers: { ...json, origin } });
      expect(answer).toMatchObject(refusal(403, 'bad_origin'));
    }
  });

  it('[OPR7] answers a page of this machine', async () => {
    for (const [method, path] of paths) {
      const answer = await ask(server, method, path, {
        headers: { ...json, origin: 'http://localhost:5173' },
      });
      expect([200, 400, 404]).toContain(answer.status);
    }
  });

  it('[OPR7] tells nothing to a page whose own name points here', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${server.http}/v1/status`, { headers: { host: 'evil.example:7070' } });
      asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      asked.end();
    });
    expect(status).toBe(403);
  });

  it('[OPR7] changes nothing for a request that any page could have sent', async () => {
    for (const [method, path] of paths.slice(1)) {
      for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/jsonp' }]) {
        expect(await ask(server, method, path, { headers })).toMatchObject(refusal(400, 'bad_request'));
      }
    }
  });

  it.each([
    ['bad_request', 'POST', '/v1/verify', 'not json'],
    ['bad_request', 'POST', '/v1/verify', '[]'],
    ['bad_request', 'POST', '/v1/verify', 'null'],
    ['bad_request', 'POST', '/v1/verify', `{"document":"${'x'.repeat(20_000)}"}`],
    ['bad_document_name', 'POST', '/v1/verify', '{"document":""}'],
    ['bad_document_name', 'POST', '/v1/verify', '{"document":7}'],
    ['bad_request', 'POST', '/v1/peers/forget', '{}'],
    ['bad_request', 'POST', '/v1/peers/forget', '{"replica":"east"}'],
    ['bad_request', 'POST', '/v1/documents/notes/stateless', '{"payload":7}'],
    ['bad_document_name', 'POST', '/v1/documents/a%00b/stateless', '{"payload":"hello"}'],
    ['bad_document_name', 'DELETE', '/v1/documents/a%00b', '{}'],
    ['bad_document_name', 'POST', `/v1/documents/${'x'.repeat(513)}/undelete`, '{}'],
  ])('[OPR7] refuses %s with %s', async (code, method, path, body) => {
    expect(await ask(server, method, path, { body })).toMatchObject(refusal(400, code));
  });

  it('[OPR7] knows nothing of what is not there', async () => {
    const replica = 'ab'.repeat(16);
    for (const answer of [
      await ask(server, 'GET', '/v1/nothing'),
      await ask(server, 'POST', '/v1/peers/forget', { body: JSON.stringify({ replica }) }),
      await ask(server, 'DELETE', '/v1/documents/nothing'),
      await ask(server, 'POST', '/v1/documents/nothing/undelete'),
    ]) {
      expect(answer).toMatchObject(refusal(404, 'not_found'));
    }
  });

  it('[OPR7] has nobody to compare its documents with', async () => {
    expect((await ask(server, 'POST', '/v1/verify')).content).toEqual({ links: [] });
    expect((await ask(server, 'POST', '/v1/verify', { body: '' })).content).toEqual({ links: [] });
  });

  it('[OPR8] deletes a document, whoever has it open, and lets it begin anew', async () => {
    const name = 'notes/to day/100%';
    const path = `/v1/documents/${encodeURIComponent(name)}`;
    await using anna = new SdkClient({ url: server.sync });
    const notes = anna.open(name);
    const others = anna.open('notes');
    write(notes, 'hello');
    write(others, 'still here');
    await Promise.all([notes.saved(), others.saved()]);
    expect(await ask(server, 'DELETE', path)).toMatchObject({ status: 200, content: { document: name } });
    await until('its client is told', () => refusalOf(notes) === 'document_deleted');
    expect(await ask(server, 'DELETE', path)).toMatchObject(refusal(404, 'not_found'));
    expect(await ask(server, 'POST', `${path}/undelete`)).toMatchObject({ status: 200 });
    expect(await ask(server, 'POST', `${path}/undelete`)).toMatchObject(refusal(404, 'not_found'));
    await using ben = new SdkClient({ url: server.sync });
    const again = ben.open(name);
    await again.synced();
    expect(textOf(again)).toBe('');
    write(again, 'anew');
    await again.saved();
    using reader = await new StockClient({ url: server.yjs, document: 'notes' }).synced();
    expect([reader.text.toJSON(), refusalOf(others)]).toEqual(['still here', undefined]);
  });

  it('[OPR8] what was deleted does not come back by whoever has it still', async () => {
    await using anna = new SdkClient({ url: server.sync });
    const notes = anna.open('recipes');
    write(notes, 'of old');
    await notes.saved();
    const old = Y.encodeStateAsUpdate(notes.doc);
    await ask(server, 'DELETE', '/v1/documents/recipes');
    await ask(server, 'POST', '/v1/documents/recipes/undelete');
    await using ben = new SdkClient({ url: server.sync });
    const again = ben.open('recipes');
    await again.synced();
    Y.applyUpdate(again.doc, old);
    await until('it is refused', () => refusalOf(again) === 'document_deleted');
    using reader = await new StockClient({ url: server.yjs, document: 'recipes' }).synced();
    expect(reader.text.toJSON()).toBe('');
  });
});

describe('a server with tokens', () => {
  let guarded: GuardedServer;

  beforeAll(async () => (guarded = await GuardedServer.start()));
  afterAll(() => guarded[Symbol.asyncDispose]());

  it('[OPR7] asks for one, of an admin', async () => {
    const { key, server } = guarded;
    const everything = { read: ['**'], write: ['**'] };
    const bearer = (token: string): Record<string, string> => ({ ...json, authorization: `Bearer ${token}` });
    for (const [method, path] of paths) {
      const refusals: [Record<string, string>, number, string][] = [
        [json, 401, 'unauthenticated'],
        [bearer(key.forge({ ...everything, isAdmin: true })), 401, 'unauthenticated'],
        [bearer(key.sign({ isAdmin: true, expiresIn: -1 })), 401, 'token_expired'],
        [{ ...json, authorization: `Basic ${key.sign({ isAdmin: true })}` }, 401, 'unauthenticated'],
        [bearer(key.sign(everything)), 403, 'forbidden'],
      ];
      for (const [headers, http, code] of refusals) {
        const answer = await ask(server, method, path, { headers });
        expect(answer).toMatchObject(refusal(http, code));
        expect(answer.headers.get('www-authenticate')).toBe(http === 401 ? 'Bearer' : null);
      }
      const answer = await ask(server, method, path, { headers: bearer(key.sign({ isAdmin: true })) });
      expect([200, 400, 404]).toContain(answer.status);
    }
  });

  it('[OPR7] reads none from the URL', async () => {
    const { key, server } = guarded;
    const token = key.sign({ isAdmin: true });
    expect(await ask(server, 'GET', `/v1/status?token=${token}`)).toMatchObject(
      refusal(401, 'unauthenticated'),
    );
  });

  it('[OPR7] lets an admin at no document that the token does not grant', async () => {
    const { key, server } = guarded;
    await using anna = new SdkClient({ url: server.sync, token: key.sign({ isAdmin: true }) });
    await expect(anna.open('notes').synced()).rejects.toMatchObject({ code: 'forbidden' });
  });
});
