// A WebSocket on a bare TCP connection: every byte that the server sends is kept as it came, and frames can be sent in part.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** What the server said in one frame. */
export interface WireFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const opcodes = { binary: 2, close: 8 } as const;
const endOfHead = '\r\n\r\n';

export class WireClient implements Disposable {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  hasEnded = false;

  private constructor(port: number, localAddress: string) {
    this.#socket = connect({ port, host: '127.0.0.1', localAddress });
    this.#socket.on('data', (data) => (this.#received = Buffer.concat([this.#received, data])));
    this.#socket.on('close', () => (this.hasEnded = true)).on('error', () => {});
  }

  /** Resolves when the server has answered the upgrade. The key is always the same, so that equal answers are equal bytes; `from` is one of this machine's. */
  static async open(port: number, path: string, from = '127.0.0.1'): Promise<WireClient> {
    const client = new WireClient(port, from);
    const head = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    client.write(Buffer.from(head.join('\r\n') + endOfHead));
    await until('the upgrade is answered', () => client.received.includes(endOfHead));
    return client;
  }

  /** Every byte so far, the head of the answer first. */
  get received(): Buffer {
    return this.#received;
  }

  /** The whole frames that came after the head. */
  get frames(): readonly WireFrame[] {
    const frames: WireFrame[] = [];
    let at = this.#received.indexOf(endOfHead) + endOfHead.length;
    while (at + 2 <= this.#received.length) {
      const { start, end } = bounds(this.#received, at);
      if (end > this.#received.length) break;
      frames.push({ opcode: this.#received[at]! & 0x0f, payload: this.#received.subarray(start, end) });
      at = end;
    }
    return frames;
  }

  /** What came in binary frames. */
  get messages(): readonly Buffer[] {
    return this.frames.filter(({ opcode }) => opcode === opcodes.binary).map(({ payload }) => payload);
  }

  /** The code with which the server has closed; undefined if it has not. */
  get closeCode(): number | undefined {
    return this.frames.find(({ opcode }) => opcode === opcodes.close)?.payload.readUInt16BE(0);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  send(payload: Uint8Array): void {
    this.write(clientFrame(payload));
  }

  /** Resolves when the server has closed and let go of the connection: nothing comes after that. */
  async closed(): Promise<this> {
    await until('the server closes', () => this.closeCode !== undefined || this.hasEnded);
    this.write(clientFrame(new Uint8Array(0), opcodes.close));
    await until('the connection has ended', () => this.hasEnded);
    return this;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** A masked frame, as clients send it. */
export function clientFrame(payload: Uint8Array, opcode: number = opcodes.binary): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([frameHead(payload.length, opcode), mask, masked]);
}

/** The beginning of a frame that will have so many bytes, up to its mask. */
export function frameHead(length: number, opcode: number = opcodes.binary): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 0x10000 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 0x10000 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Where the payload of the server's frame lies that begins here. */
function bounds(bytes: Buffer, at: number): { start: number; end: number } {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return { start: at + 2, end: at + 2 + short };
  const width = short === 126 ? 2 : 8;
  if (at + 2 + width > bytes.length) return { start: at, end: Infinity };
  const length = width === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { start: at + 2 + width, end: at + 2 + width + length };
}
