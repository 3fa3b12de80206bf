import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes of one packet on the line. */
const PACKET_BYTES = 1_400;
const MS_PER_SECOND = 1_000;

interface Packet {
  readonly to: Socket;
  readonly bytes: Buffer;
}

/**
 * A line with a slow way up: all connections share it, and what does not fit waits in one queue without bound, first come first
 * served, as before the modem of a shop.
 */
export class SlowLine {
  /** Cuts whoever comes, at once. */
  isDown = false;
  /** Bytes that went up. */
  carried = 0;
  /** The longest that a byte waited in the queue, milliseconds. */
  queueMsMax = 0;
  readonly #queue: Packet[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly bytesPerSecond: number,
    private readonly to: number,
  ) {
    server.on('connection', (socket: Socket) => this.#join(socket));
  }

  /** @param to port on loopback that the line leads to */
  static async open(to: number, bytesPerSecond: number): Promise<SlowLine> {
    const server = createServer();
    const line = new SlowLine(server, bytesPerSecond, to);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  get address(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#queue.splice(0);
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(till: Socket): void {
    if (this.isDown) return void till.destroy();
    const server = connect(this.to, '127.0.0.1');
    for (const socket of [till, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        till.destroy();
        server.destroy();
      });
    }
    server.on('data', (bytes) => till.write(bytes));
    till.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += PACKET_BYTES)
        this.#queue.push({ to: server, bytes: bytes.subarray(at, at + PACKET_BYTES) });
      this.#queuedBytes += bytes.length;
      this.queueMsMax = Math.max(this.queueMsMax, (this.#queuedBytes * MS_PER_SECOND) / this.bytesPerSecond);
      if (this.#timer === null) this.#carry(performance.now());
    });
  }

  /** @param from when the line became free */
  #carry(from: number): void {
    const packet = this.#queue.shift();
    this.#timer = null;
    if (packet === undefined) return;
    const arrives = from + (packet.bytes.length * MS_PER_SECOND) / this.bytesPerSecond;
    this.#timer = setTimeout(() => {
      this.carried += packet.bytes.length;
      this.#queuedBytes -= packet.bytes.length;
      packet.to.write(packet.bytes);
      this.#carry(arrives);
    }, arrives - performance.now());
  }
}
