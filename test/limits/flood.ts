// What people who type notice of somebody who floods the server: `node test/limits/flood.ts`, by hand, since it takes a
// minute and wants the machine for itself. Prints a table; ends with 1 where they have to wait for longer than they should.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GuardedServer } from '../support/guarded-server.ts';
import { metric } from '../support/metric.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { until } from '../support/until.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    pairs: { type: 'string', default: '20' },
    opens: { type: 'string', default: '10000' },
    sockets: { type: 'string', default: '5000' },
  },
});
const everyMs = 200;
const maxP99Ms = 100;

/** Two people in one document, of whom one types and the other reads. */
class Pair implements AsyncDisposable {
  latenciesMs: number[] = [];
  typed = 0;
  readonly #clients: readonly [SdkClient, SdkClient];
  readonly #notes: readonly [ReturnType<SdkClient['open']>, ReturnType<SdkClient['open']>];
  readonly #sentMs: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(url: string, token: string, document: string) {
    this.#clients = [new SdkClient({ url, token }), new SdkClient({ url, token })];
    this.#notes = [this.#clients[0].open(document), this.#clients[1].open(document)];
    const [, reader] = this.#notes;
    reader.doc.on('update', () => {
      const now = performance.now();
      while (this.#sentMs.length > 0 && textOf(reader).length >= this.#read + 1) {
        this.latenciesMs.push(now - this.#sentMs.shift()!);
        this.#read++;
      }
    });
    this.#timer = setInterval(() => this.#type(), everyMs);
  }

  #read = 0;

  static async begin(url: string, token: string, document: string): Promise<Pair> {
    const pair = new Pair(url, token, document);
    await Promise.all(pair.#notes.map((notes) => notes.synced()));
    return pair;
  }

  get connections(): number {
    return this.#clients[0].sockets + this.#clients[1].sockets;
  }

  /** What was typed and has not come. */
  get underWay(): number {
    return this.#sentMs.length;
  }

  #type(): void {
    this.#sentMs.push(performance.now());
    this.typed++;
    write(this.#notes[0], 'x');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#clients.map(({ client }) => client.close()));
  }
}

const durationMs = Number(values.seconds) * 1_000;
await using guarded = await GuardedServer.start();
const { server, key } = guarded;
const token = key.sign({ subject: 'people', write: ['**'] });
await using pairs = new AsyncDisposableStack();
const people: Pair[] = [];
for (let at = 0; at < Number(values.pairs); at++) {
  people.push(pairs.use(await Pair.begin(server.sync, token, `people/${at}`)));
  // They do not type in step.
  await new Promise((resolve) => setTimeout(resolve, everyMs / Number(values.pairs)));
}

console.log(`${people.length} pairs, ${1_000 / everyMs} letters a second each, ${values.seconds} s a row\n`);
console.log(
  '| what happens | letters | p50 ms | p99 ms | longest ms | server p99 ms | here p99 ms | sockets | documents |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
/** A machine that is busy with something else shows here first. */
const own = monitorEventLoopDelay({ resolution: 10 });
own.enable();
await measure('nothing else');
await during('opens', values.opens, 'documents opened on one socket');
await during('sockets', values.sockets, 'sockets that never say who they are');
await until('the flood is over', async () => (await metric(server, 'connections')) <= 2 * people.length);
await measure('nothing else any more');
const reconnected = people.reduce((sum, { connections }) => sum + connections, 0) - 2 * people.length;
if (reconnected > 0) fail(`${reconnected} of the people had to connect again`);

/** Measures while a flooder does its worst. */
async function during(kind: 'opens' | 'sockets', count: string, what: string): Promise<void> {
  const flooder = fileURLToPath(new URL('./flooder.ts', import.meta.url));
  const flood = key.sign({ subject: 'flooder', write: ['flood/*'] });
  const child = spawn(process.execPath, [flooder, kind, String(server.port), flood, count], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(createInterface({ input: child.stdout }), 'line');
    await measure(`${count} ${what}`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

async function measure(what: string): Promise<void> {
  for (const pair of people) pair.latenciesMs = [];
  await metric(server, 'event_loop_delay_p99_seconds');
  own.reset();
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const latencies = people.flatMap(({ latenciesMs }) => latenciesMs).toSorted((a, b) => a - b);
  const at = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] ?? Infinity;
  const delays = [1_000 * (await metric(server, 'event_loop_delay_p99_seconds')), own.percentile(99) / 1e6];
  const cells = [at(0.5), at(0.99), at(1), ...delays].map((ms) => ms.toFixed(1));
  const sockets = await metric(server, 'connections');
  const documents = await metric(server, 'docs_loaded');
  console.log(`| ${what} | ${latencies.length} | ${cells.join(' | ')} | ${sockets} | ${documents} |`);
  if (at(0.99) > maxP99Ms) fail(`one letter in a hundred took longer than ${maxP99Ms} ms`);
  const late = people.reduce((sum, { underWay }) => sum + underWay, 0);
  if (late > people.length) fail(`${late} letters have not come`);
}

function fail(why: string): void {
  console.log(`FAILED: ${why}`);
  process.exitCode = 1;
}
