import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A longer answer goes out in pieces of so many bytes: TLS makes a copy of what is written, and has one piece of it then. */
const PIECE_BYTES = 65_536;
/** How often the connections are looked at. Who has taken nothing in between does not read. */
const SWEEP_INTERVAL_MS = 1_000;

/** The answers that wait for their readers, bounded for the process: what nobody reads is given up when it takes too much memory. */
export class UnreadAnswers {
  readonly #speaking = new Set<Socket>();
  /** Bytes of the long answer that is not read to its end, by connection. */
  readonly #held = new WeakMap<Socket, number>();
  /** How far each was at the last look. */
  #progress = new Map<Socket, string>();

  /** @param bytesMax of all together (memory-plan.ts) */
  constructor(private readonly bytesMax: number) {}

  watch(server: HttpsServer): void {
    server.on('secureConnection', (socket: Socket) => {
      this.#speaking.add(socket);
      socket.once('close', () => this.#speaking.delete(socket));
    });
    const timer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Bytes that wait for their readers now. */
  get waitingBytes(): number {
    let sum = 0;
    for (const socket of this.#speaking) sum += this.#waitingOf(socket);
    return sum;
  }

  /** What is sent for a payload: itself, or a stream of it where it is long. */
  inPieces(reply: FastifyReply, payload: unknown): unknown {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    if (payload.length <= PIECE_BYTES) return payload;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    reply.header('content-length', bytes.length);
    const { socket } = reply.request.raw;
    // One answer of a connection is sent at a time (bound-requests.ts).
    this.#held.set(socket, bytes.length);
    return Readable.from(piecesOf(bytes), { objectMode: false }).once('close', () => this.#held.delete(socket));
  }

  /** Gives up what nobody reads, the longest first, until the rest is within the bound. */
  sweep(): void {
    const before = this.#progress;
    this.#progress = new Map();
    const unread: [Socket, number][] = [];
    let sum = 0;
    for (const socket of this.#speaking) {
      const bytes = this.#waitingOf(socket);
      if (bytes === 0) continue;
      sum += bytes;
      const progress = `${socket.bytesWritten} ${socket.writableLength}`;
      this.#progress.set(socket, progress);
      if (before.get(socket) === progress) unread.push([socket, bytes]);
    }
    for (const [socket, bytes] of unread.toSorted(([, one], [, other]) => other - one)) {
      if (sum <= this.bytesMax) return;
      socket.destroy();
      sum -= bytes;
    }
  }

  #waitingOf(socket: Socket): number {
    return socket.writableLength + (this.#held.get(socket) ?? 0);
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}
