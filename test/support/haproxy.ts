import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Where Debian puts it, which is not on everybody's path. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];
const START_TRIES = 200;
const START_PAUSE_MS = 20;

/** The command of Debian's `haproxy`; null where there is none. */
export const haproxyPath: string | null =
  [...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_FOLDERS]
    .map((folder) => join(folder, 'haproxy'))
    .find((path) => existsSync(path)) ?? null;

export interface Balancer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Passes connections through to a port on loopback, and checks it once in a while.
 * @param option how it tells the server who the client is: `send-proxy` or `send-proxy-v2`
 */
export async function startHaproxy(target: number, option: string): Promise<Balancer> {
  const folder = await mkdtemp(join(tmpdir(), 'haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const port = await freePort();
  const times = 'timeout connect 3s\n  timeout client 10s\n  timeout server 10s';
  await writeFile(
    file,
    `defaults\n  mode tcp\n  ${times}\nlisten tls\n  bind 127.0.0.1:${port}\n` +
      `  server one 127.0.0.1:${target} ${option} check inter 50ms check-send-proxy\n`,
  );
  const child = spawn(haproxyPath ?? 'haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const words: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString()));
  await listening(child, port, words);
  return {
    port,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function listening(child: ChildProcess, port: number, words: readonly string[]): Promise<void> {
  for (let tries = 0; tries < START_TRIES && child.exitCode === null; tries += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(START_PAUSE_MS);
  }
  throw new Error(`haproxy does not listen: ${words.join('')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
