import { connect, createServer, type Server, type Socket } from 'node:net';
import { choosePort } from '@tax-control/protocol/testing';

/**
 * The line between tills and server: a TCP relay that passes every byte on until it is told to misbehave. It cannot look into
 * TLS, and need not: what the server sends after a request is the answer.
 */
export interface Line {
  readonly port: number;
  /** Nobody gets through: open connections are cut, new ones refused. */
  cut(): Promise<void>;
  /** The other way round. */
  mend(): Promise<void>;
  /**
   * From now on the next request goes through, but of its answer not a byte, and after a long silence its connection is
   * cut, as when a radio link dies at the wrong moment. Everybody else is served.
   */
  loseNextAnswer(): LostAnswer;
  close(): Promise<void>;
}

/** What was done to one answer on purpose; grows while it happens. */
export interface LostAnswer {
  /** Bytes that the server sent and the till never got; 0 until the fault has taken place. */
  readonly bytesLost: number;
}

/**
 * From the first lost byte to the cut: longer than a sale waits for its code, so that the till must give up. (Where a kept
 * connection is cut at once, the till sends the same bytes again within the same sale.)
 */
const SILENCE_MS = 2_000;

interface Relay {
  readonly till: Socket;
  readonly server: Socket;
  /** The server has spoken before (its part of the handshake): what the till says next is a request. */
  serverSpoke: boolean;
  /** Set once a request went out that shall get no answer. */
  lostAnswer: { bytesLost: number } | null;
}

/**
 * @param target where the server listens
 * @param silenceMs from the first lost byte to the cut
 */
export async function startLine(
  target: { readonly host: string; readonly port: number },
  silenceMs = SILENCE_MS,
): Promise<Line> {
  const relays = new Set<Relay>();
  let armed: { bytesLost: number } | null = null;

  const open = (till: Socket): void => {
    const relay: Relay = { till, server: connect(target), serverSpoke: false, lostAnswer: null };
    relays.add(relay);
    const end = (): void => {
      relays.delete(relay);
      till.destroy();
      relay.server.destroy();
    };
    for (const socket of [till, relay.server]) socket.setNoDelay(true).on('error', end).on('close', end);
    till.on('data', (bytes) => {
      if (armed !== null && relay.serverSpoke) {
        relay.lostAnswer = armed;
        armed = null;
      }
      relay.server.write(bytes);
    });
    relay.server.on('data', (bytes) => {
      relay.serverSpoke = true;
      if (relay.lostAnswer === null) till.write(bytes);
      else {
        if (relay.lostAnswer.bytesLost === 0) setTimeout(end, silenceMs);
        relay.lostAnswer.bytesLost += bytes.length;
      }
    });
  };
  const cutAll = (): void => {
    for (const relay of relays) {
      relay.till.destroy();
      relay.server.destroy();
    }
  };

  const port = await choosePort();
  let listener = await listen(open, port);
  const cut = async (): Promise<void> => {
    cutAll();
    await stopListening(listener);
    cutAll();
  };
  return {
    port,
    cut,
    mend: async () => {
      listener = await listen(open, port);
    },
    loseNextAnswer: () => {
      armed = { bytesLost: 0 };
      return armed;
    },
    close: cut,
  };
}

function listen(open: (till: Socket) => void, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(open)
      .once('error', reject)
      .listen(port, '127.0.0.1', () => resolve(server));
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
