// A server process with a token key, on a folder of its own.
import { temporaryFolder, ServerProcess } from './server.ts';
import { TokenKey } from './tokens.ts';

export class GuardedServer implements AsyncDisposable {
  readonly key: TokenKey;
  readonly #folder: ReturnType<typeof temporaryFolder>;
  #server: ServerProcess | undefined;

  private constructor() {
    this.#folder = temporaryFolder();
    this.key = new TokenKey(this.#folder.path);
  }

  static async start(...options: readonly string[]): Promise<GuardedServer> {
    const guarded = new GuardedServer();
    guarded.#server = await ServerProcess.start({
      data: guarded.data,
      arguments: [...guarded.key.arguments, ...options],
    });
    return guarded;
  }

  get data(): string {
    return this.#folder.path;
  }

  get server(): ServerProcess {
    return this.#server!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
