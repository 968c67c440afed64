// Two stock clients on a document of their own, who go on writing to each other while something happens to the server:
// each answers the other's last line, so that one line that does not arrive ends it.
import { randomUUID } from 'node:crypto';
import { strict as assert } from 'node:assert';
import { StockClient } from './client.ts';
import type { Exit, ServerProcess } from './server.ts';
import { until } from './until.ts';

export class Bystanders {
  readonly #servers: readonly ServerProcess[];
  readonly #clients: readonly [StockClient, StockClient];
  #exit: Exit | undefined;
  #isOver = false;
  #lines = 0;
  #slowestMs = 0;
  #disconnects = 0;
  #talk: Promise<void> | undefined;

  private constructor(servers: readonly ServerProcess[], clients: readonly [StockClient, StockClient]) {
    this.#servers = servers;
    this.#clients = clients;
    for (const { exited } of servers) void exited.then((exit) => (this.#exit = exit));
    for (const { provider } of clients) provider.on('connection-close', () => this.#disconnects++);
  }

  /**
   * Runs `work` while two bystanders write to each other; then holds that every line came, on the same connections. The second is at
   * another replica if one is given.
   */
  static async during(
    server: ServerProcess,
    work: () => Promise<void>,
    elsewhere: ServerProcess = server,
  ): Promise<Talk> {
    const document = `bystanders/${randomUUID()}`;
    using one = new StockClient({ url: server.yjs, document });
    using other = new StockClient({ url: elsewhere.yjs, document });
    await Promise.all([one.synced(), other.synced()]);
    const bystanders = new Bystanders([server, elsewhere], [one, other]);
    bystanders.#talk = bystanders.#speak();
    // It is awaited at the end, which does not come when the work fails first.
    bystanders.#talk.catch(() => {});
    try {
      await Promise.race([work(), bystanders.#talk]);
    } finally {
      bystanders.#isOver = true;
    }
    return await bystanders.#end();
  }

  async #speak(): Promise<void> {
    while (!this.#isOver) {
      const [speaker, listener] = this.#lines % 2 === 0 ? this.#clients : this.#clients.toReversed();
      const began = performance.now();
      const line = `line ${this.#lines++}`;
      speaker.doc.getArray('lines').push([line]);
      const heard = listener.doc.getArray('lines');
      await until(`'${line}' has arrived`, () => heard.length === this.#lines);
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began);
    }
  }

  async #end(): Promise<Talk> {
    const lines = this.#lines;
    await this.#talk;
    assert.ok(this.#lines > 0);
    const said = Array.from({ length: this.#lines }, (_, line) => `line ${line}`);
    for (const { doc } of this.#clients) assert.deepEqual(doc.getArray('lines').toJSON(), said);
    assert.equal(this.#disconnects, 0);
    assert.equal(this.#exit, undefined);
    for (const { http } of this.#servers) {
      const alive = await fetch(`${http}/livez`);
      assert.deepEqual([alive.status, await alive.json()], [200, { status: 'alive' }]);
    }
    return { lines, slowestMs: this.#slowestMs };
  }
}

/** How the bystanders fared. */
export interface Talk {
  readonly lines: number;
  /** The longest that a line took from one to the other. */
  readonly slowestMs: number;
}
