// Asks a running server what an operator wants to know or have done.
import { readFileSync } from 'node:fs';
import type { RemoteOptions } from './options.ts';
import { type Environment, UsageError } from './read-options.ts';

interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

export class Remote {
  readonly #url: string;
  readonly #token: string | undefined;

  /** Throws UsageError. */
  constructor({ server, 'token-file': file }: RemoteOptions, environment: Environment) {
    if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
      throw new UsageError(`--server is a URL such as http://127.0.0.1:7070, not ${server}.`);
    this.#url = server.replace(/\/+$/, '');
    this.#token = file === undefined ? environment['SYNCLINE_TOKEN'] : tokenIn(file);
  }

  /** Resolves with what the server answers. Rejects with UsageError when it refuses, or there is none. */
  async ask({ method, path, body = {} }: Ask): Promise<unknown> {
    const answer = await this.#fetch(`${this.#url}/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
    const content = await answer.json().catch(() => undefined);
    if (answer.ok && content !== undefined) return content;
    const message = messageIn(content);
    if (message === undefined)
      throw new UsageError(
        `What answers at ${this.#url} is no Syncline server: it answered with ${answer.status}.`,
      );
    throw new UsageError(`The server at ${this.#url} refuses: ${message}`);
  }

  async #fetch(url: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(url, request);
    } catch (error) {
      const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
      throw new UsageError(`There is no server at ${this.#url}: ${code ?? message}.`);
    }
  }
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`The token file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

function messageIn(content: unknown): string | undefined {
  const { error } = (content ?? {}) as { error?: { message?: unknown } };
  return typeof error?.message === 'string' ? error.message : undefined;
}
