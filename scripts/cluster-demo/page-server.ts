// Serves the page on loopback, what it is told of the cluster, and its switches; all of one origin, so that the replicas need not
// let it ask them anything.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { isLoopbackOrigin } from '@syncline/server/socket/loopback.ts';
import { Broadcast } from './broadcast.ts';
import type { Cluster } from './cluster.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A switch or three. */
const maxBodyBytes = 1_024;
/** What the build leaves in the page where the nonce of each answer belongs. */
const noncePlaceholder = 'SYNCLINE-NONCE';

export interface PageServerSettings {
  readonly cluster: Cluster;
  /** What the build has written. */
  readonly folder: string;
  readonly port: number;
}

export class PageServer {
  readonly #cluster: Cluster;
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #broadcast: Broadcast;
  readonly #server: Server;

  private constructor({ cluster, folder }: PageServerSettings) {
    this.#cluster = cluster;
    this.#files = filesIn(folder);
    this.#broadcast = new Broadcast(() => cluster.snapshot());
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Rejects with what listening gave. */
  static async listen(settings: PageServerSettings): Promise<PageServer> {
    const page = new PageServer(settings);
    await new Promise<void>((resolve, reject) => {
      page.#server.once('error', reject);
      page.#server.listen(settings.port, '127.0.0.1', resolve);
    });
    return page;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  close(): void {
    this.#broadcast.end();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    // A page whose own name has been made to point here names itself as the host.
    if (!isLoopbackOrigin(`http://${request.headers.host}`)) return end(response, 403);
    if (request.method === 'POST' && pathname === '/links') return this.#switch(request, response);
    if (request.method !== 'GET') return end(response, 405);
    if (pathname === '/events') return this.#broadcast.add(response);
    this.#file(pathname === '/' ? '/index.html' : pathname, response);
  }

  #file(path: string, response: ServerResponse): void {
    const bytes = this.#files.get(path);
    if (!bytes) return end(response, 404);
    const nonce = randomBytes(16).toString('base64');
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': [
        "default-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        `connect-src 'self' ${this.#cluster.syncUrls.map((url) => new URL(url).origin).join(' ')}`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    });
    response.end(path.endsWith('.html') ? String(bytes).replaceAll(noncePlaceholder, nonce) : bytes);
  }

  /** `{ "links": ["lisbon-oslo"], "isCut": true }` */
  async #switch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // What a page of another origin can send without being asked is no JSON.
    if (request.headers['content-type'] !== 'application/json') return end(response, 415);
    const asked = switchesIn(await bodyOf(request));
    if (!asked?.links.every((id) => this.#cluster.hasLine(id))) return end(response, 400);
    this.#cluster.cut(asked.links, asked.isCut);
    end(response, 204);
    await this.#broadcast.tell();
  }
}

interface Switches {
  readonly links: readonly string[];
  readonly isCut: boolean;
}

function switchesIn(text: string): Switches | undefined {
  let asked: Partial<Record<keyof Switches, unknown>> | null;
  try {
    asked = JSON.parse(text) as typeof asked;
  } catch {
    return undefined;
  }
  const { links, isCut } = asked ?? {};
  const isOne = Array.isArray(links) && links.every((id) => typeof id === 'string');
  return isOne && typeof isCut === 'boolean' ? { links, isCut } : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > maxBodyBytes) return '';
  }
  return text;
}

/** All of them, by their path in a URL: a path that is not among them leads nowhere. */
function filesIn(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length).replaceAll('\\', '/'), readFileSync(path)];
    }),
  );
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
