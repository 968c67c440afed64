// Some shipped servers, each on a folder of its own, that replicate with each other: each dials those before it.
import { join } from 'node:path';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

export interface ReplicasSettings {
  /** For all of them. */
  readonly arguments?: readonly string[];
  /** For some, by their names. */
  readonly argumentsOf?: Readonly<Record<string, readonly string[]>>;
}

export class Replicas implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #servers = new Map<string, ServerProcess>();

  static async start(names: readonly string[], settings: ReplicasSettings = {}): Promise<Replicas> {
    const replicas = new Replicas();
    for (const name of names) await replicas.#start(name, settings);
    return replicas;
  }

  async #start(name: string, { arguments: words = [], argumentsOf = {} }: ReplicasSettings): Promise<void> {
    const peers = [...this.#servers.values()].flatMap((server) => ['--peer', replicateUrl(server)]);
    const server = await ServerProcess.start({
      data: this.data(name),
      arguments: ['--name', name, ...words, ...peers, ...(argumentsOf[name] ?? [])],
    });
    this.#servers.set(name, server);
  }

  /** The folder of all. */
  get path(): string {
    return this.#folder.path;
  }

  data(name: string): string {
    return join(this.#folder.path, name);
  }

  of(name: string): ServerProcess {
    return this.#servers.get(name)!;
  }

  /** Starts one again that has ended. */
  async restart(name: string): Promise<void> {
    this.#servers.set(name, await this.of(name).restart());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) await server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** Where another replica dials this one. */
export function replicateUrl({ port }: ServerProcess): string {
  return `ws://127.0.0.1:${port}/replicate`;
}
