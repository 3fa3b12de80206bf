import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ListenerAddresses } from '../../src/http/listeners.js';
import type { ServerPlace, TestGround } from './server.js';

/** The compiled server, as it is started in production; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const LOG_LINES_KEPT = 1_000;

/** A server in a process of its own: for what a test does with signals. */
export interface ServerProcess extends ServerPlace {
  readonly pid: number;
  readonly logLines: readonly string[];
  /** What came beside the log: warnings of Node.js, and what a crash leaves. */
  errorOutput(): string;
  /** Sends a signal and waits for the end; tells the exit status, null after a signal that kills. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `node dist/src/main.js` and waits until it listens. Throws with its log when it does not. */
export async function startServerProcess(
  ground: TestGround,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...ground.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([status]) => status as number | null);
  const logLines: string[] = [];
  let errorOutput = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errorOutput += chunk.toString('utf8');
    process.stderr.write(chunk);
  });
  const addresses = await Promise.race([
    listening(child, logLines),
    exited.then((status) => {
      throw new Error(`the server ended with status ${status}:\n${logLines.join('\n')}`);
    }),
  ]);
  return {
    addresses,
    database: ground.database,
    keysDirectory: ground.keysDirectory,
    ca: ground.ca,
    superuser: ground.superuser,
    pid: child.pid ?? 0,
    logLines,
    errorOutput: () => errorOutput,
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** What a server told of itself, without its warnings: a test's settings leave out what production has. */
export function eventsOf({ logLines }: Pick<ServerProcess, 'logLines'>): string[] {
  return logLines
    .map((line) => JSON.parse(line) as { readonly level: string; readonly msg: string })
    .filter(({ level }) => level === 'info')
    .map(({ msg }) => msg);
}

function listening(child: ChildProcess, logLines: string[]): Promise<ListenerAddresses> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the server has no output to read'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (logLines.push(line) > LOG_LINES_KEPT) logLines.shift();
      const entry = JSON.parse(line) as { readonly listening?: ListenerAddresses };
      if (entry.listening !== undefined) resolve(entry.listening);
    });
  });
}
