import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { choosePort } from '@tax-control/protocol/testing';

/** Where Debian puts it, which is not on everybody's path. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];
const START_TRIES = 3_000;
const START_PAUSE_MS = 20;
/** A check fails after its interval: the server on a busy machine fails three in a row, and HAProxy would pass nothing on. */
const FALL = 1_000;

/** The command of Debian's `haproxy`; null where there is none. */
export const haproxyPath: string | null =
  [...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_FOLDERS]
    .map((folder) => join(folder, 'haproxy'))
    .find((path) => existsSync(path)) ?? null;

export interface Balancer {
  readonly port: number;
  stop(): Promise<void>;
}

/** How HAProxy tells a server who the client is, and how it finds out whether the server is there. */
export interface BalancerWay {
  readonly send: 'send-proxy' | 'send-proxy-v2';
  /** Port of /health/pages; without it, connections of its own at the listener, with a header of their own. */
  readonly operatorPort?: number;
}

/** Passes connections through to a port on loopback, and checks it all the time. */
export async function startHaproxy(target: number, { send, operatorPort }: BalancerWay): Promise<Balancer> {
  const folder = await mkdtemp(join(tmpdir(), 'haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const port = await choosePort();
  const check = operatorPort === undefined ? 'check-send-proxy' : `port ${operatorPort}`;
  const lines = [
    'defaults',
    'mode tcp',
    'timeout connect 3s',
    'timeout client 10s',
    'timeout server 10s',
    'listen tls',
    `bind 127.0.0.1:${port}`,
    ...(operatorPort === undefined ? [] : ['option httpchk GET /health/pages']),
    `server one 127.0.0.1:${target} ${send} check inter 50ms fall ${FALL} ${check}`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
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
