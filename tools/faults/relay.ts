import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Who said something. */
export type Side = 'client' | 'server';

/** One connection through a relay. */
export interface Passage {
  /** Bytes of each side since it was opened. */
  readonly bytes: Readonly<Record<Side, number>>;
  readonly openedAt: number;
}

/**
 * What becomes of some bytes. `silence`: neither they nor any later ones of that side arrive, and the connection does not end. `only`: the
 * first so many arrive, and then the connection is closed, or reset.
 */
export type Verdict =
  'pass' | 'silence' | { readonly afterMs: number } | { readonly only: number; readonly end: 'close' | 'reset' };

export interface RelayOptions {
  /** Port of loopback on which it listens; any free one, if left out. */
  readonly port?: number;
  /** Port of loopback to which it leads, asked at each connection. */
  readonly target: () => number;
  readonly judge: (bytes: Buffer, side: Side, passage: Passage) => Verdict;
  /** A further copy of what the client says goes to the target over a connection of its own, and its answers to nobody. */
  readonly doubles?: () => boolean;
}

/** A TCP relay on loopback that passes every byte on until it is told otherwise. */
export interface Relay {
  readonly port: number;
  /** Closes every open connection. @returns how many there were */
  cutAll(): number;
  /** From now on nobody can connect. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const connections = new Set<Connection>();
  const open = (client: Socket): void => {
    const connection = new Connection(client, options, () => connections.delete(connection));
    connections.add(connection);
  };
  let server = await listenOn(options.port ?? 0, open);
  const { port } = server.address() as AddressInfo;
  const cutAll = (): number => {
    const count = connections.size;
    for (const connection of connections) connection.end();
    return count;
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cutAll();
    await closed;
  };
  return {
    port,
    cutAll,
    refuse,
    listen: async () => {
      if (!server.listening) server = await listenOn(port, open);
    },
    close: refuse,
  };
}

async function listenOn(port: number, open: (client: Socket) => void): Promise<Server> {
  const server = createServer(open).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

class Connection implements Passage {
  readonly bytes = { client: 0, server: 0 };
  readonly openedAt = performance.now();
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #double: Socket | null;
  readonly #silent = new Set<Side>();

  constructor(
    client: Socket,
    private readonly options: RelayOptions,
    private readonly onEnd: () => void,
  ) {
    this.#sockets = { client, server: connect(options.target(), '127.0.0.1') };
    this.#double = options.doubles?.() === true ? connect(options.target(), '127.0.0.1') : null;
    this.#double?.on('error', () => undefined).resume();
    for (const side of ['client', 'server'] as const) {
      const socket = this.#sockets[side].setNoDelay(true);
      socket.on('error', () => this.end()).on('close', () => this.end());
      void this.#pass(side);
    }
  }

  end(): void {
    for (const socket of Object.values(this.#sockets)) socket.destroy();
    this.#double?.destroy();
    this.onEnd();
  }

  /** One piece after the other, so that a late one keeps those behind it waiting. */
  async #pass(side: Side): Promise<void> {
    const to = this.#sockets[side === 'client' ? 'server' : 'client'];
    try {
      for await (const piece of this.#sockets[side]) {
        const bytes = piece as Buffer;
        if (this.#silent.has(side)) continue;
        const verdict = this.options.judge(bytes, side, this);
        this.bytes[side] += bytes.length;
        if (verdict === 'silence') {
          this.#silent.add(side);
          continue;
        }
        if (typeof verdict === 'object' && 'afterMs' in verdict) await wait(verdict.afterMs);
        const isCut = typeof verdict === 'object' && 'only' in verdict;
        const passed = isCut ? bytes.subarray(0, verdict.only) : bytes;
        if (side === 'client') this.#double?.write(passed);
        if (!to.destroyed && !to.write(passed) && !isCut) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        if (isCut) return verdict.end === 'reset' ? this.#reset() : this.end();
      }
    } catch {
      // Either end went away: `close` ends the other one.
    }
  }

  #reset(): void {
    for (const socket of Object.values(this.#sockets)) socket.resetAndDestroy();
    this.end();
  }
}
