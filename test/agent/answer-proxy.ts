import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line between till and server that can go bad: bytes are passed on unread, so TLS goes through it. */
export interface AnswerProxy {
  readonly port: number;
  /** From now on what the server answers is lost, and what the till sends still arrives. */
  loseAnswers(): void;
  /** From now on connections are cut and no new one is taken. */
  cut(): void;
  /** All is well again; connections that lost something are cut, as they are of no use any more. */
  mend(): void;
  /** Bytes of answers that were lost so far. */
  readonly lostBytes: number;
  close(): Promise<void>;
}

/** Starts a proxy on loopback for a server on loopback. */
export async function startAnswerProxy(serverPort: number): Promise<AnswerProxy> {
  const sockets = new Set<Socket>();
  let state: 'well' | 'losing' | 'cut' = 'well';
  let lostBytes = 0;
  const server: Server = createServer((till) => {
    if (state === 'cut') {
      till.resetAndDestroy();
      return;
    }
    const upstream = connect(serverPort, '127.0.0.1');
    for (const [from, to] of [
      [till, upstream],
      [upstream, till],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    till.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (state === 'losing') lostBytes += bytes.length;
      else till.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswers: () => {
      state = 'losing';
    },
    cut: () => {
      state = 'cut';
      cutAll();
    },
    mend: () => {
      if (state === 'losing') cutAll();
      state = 'well';
    },
    get lostBytes() {
      return lostBytes;
    },
    close: async () => {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
