// One replica of a cluster of real processes: a name, a folder and a port that stay, and a process that comes and goes.
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ServerProcess, type ServerSettings, temporaryFolder } from './server.ts';
import { databaseFile } from './stored-updates.ts';

export interface ReplicaSettings extends Pick<ServerSettings, 'address' | 'port' | 'shellPrefix'> {
  readonly name: string;
  readonly arguments: readonly string[];
}

export class Replica implements AsyncDisposable {
  readonly #settings: ReplicaSettings;
  readonly #folder = temporaryFolder();
  #server: ServerProcess | undefined;
  #port: number | undefined;

  constructor(settings: ReplicaSettings) {
    this.#settings = settings;
    this.#port = settings.port;
  }

  get name(): string {
    return this.#settings.name;
  }

  get data(): string {
    return this.#folder.path;
  }

  /** Throws while the process is down. */
  get server(): ServerProcess {
    if (!this.#server) throw new Error(`${this.name} is down`);
    return this.#server;
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  /** That of its first process, and of all that follow. */
  get port(): number | undefined {
    return this.#port;
  }

  async start(): Promise<void> {
    const { name, ...settings } = this.#settings;
    this.#server = await ServerProcess.start({
      ...settings,
      data: this.data,
      port: this.#port ?? 0,
      arguments: ['--name', name, ...settings.arguments],
    });
    this.#port = this.#server.port;
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.end(signal);
  }

  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.end(signal);
    await this.start();
  }

  /** A copy of the database as it is on the disk now, made beside the process. */
  async backup(folder: string): Promise<void> {
    const database = new Database(databaseFile(this.data), { readonly: true });
    try {
      await database.backup(databaseFile(folder));
    } finally {
      database.close();
    }
  }

  /** Puts a copy in the place of the database. Only while the process is down. */
  async restore(folder: string): Promise<void> {
    if (this.isUp) throw new Error(`${this.name} is running`);
    const path = databaseFile(this.data);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    const database = new Database(databaseFile(folder), { readonly: true });
    try {
      await database.backup(path);
    } finally {
      database.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.#folder[Symbol.dispose]();
  }
}
