import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of the next COMMIT: it passes, it reaches Postgres but its answer is lost with the line, or the line is lost
 * before it reaches Postgres.
 */
export type CommitFault = 'none' | 'lose_answer' | 'lose_request';

/** A line to Postgres that can be cut at the worst moment. */
export interface PostgresProxy {
  /** The given address, through the proxy. */
  readonly url: string;
  /** What happens to the next COMMIT; it happens once. */
  arm(fault: CommitFault): void;
  /** From now on it leads to the server of another address; what was open is cut, as by a failover. */
  leadTo(databaseUrl: string): void;
  /** The connections that are open pass nothing on any more and do not end, as behind a firewall that forgot them. New ones work. */
  fallSilent(): void;
  /** Faults that took place. */
  readonly faults: number;
  close(): Promise<void>;
}

const COMMIT = Buffer.from('COMMIT\0');

export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  let target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let armed: CommitFault = 'none';
  let faults = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const cut = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    let answerIsLost = false;
    client.on('data', (chunk: Buffer) => {
      if (silent.has(client)) {
        faults += 1;
        return;
      }
      if (armed === 'none' || !chunk.includes(COMMIT)) {
        database.write(chunk);
        return;
      }
      faults += 1;
      answerIsLost = armed === 'lose_answer';
      armed = 'none';
      if (answerIsLost) database.write(chunk);
      else cut();
    });
    database.on('data', (chunk: Buffer) => {
      if (silent.has(database)) return;
      if (answerIsLost) cut();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: (fault) => {
      armed = fault;
    },
    fallSilent: () => {
      for (const socket of sockets) silent.add(socket);
    },
    leadTo: (otherUrl) => {
      target = new URL(otherUrl);
      for (const socket of sockets) socket.destroy();
    },
    get faults() {
      return faults;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
