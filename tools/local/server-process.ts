import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endProcess, identifyProcess } from './process-identity.js';
import { PROGRAMS } from './project.js';
import { readIdentity } from './state-directory.js';

export interface ServerProcessOptions {
  /** Settings of the server, by the names in .env.example. */
  readonly environment: NodeJS.ProcessEnv;
  /** What it writes goes here, mode 600. */
  readonly logFile: string;
  /** Who it is, for a later run that finds it still there. */
  readonly processFile: string;
  /** A command that starts another one under the same process id, such as `nice`; empty: none. */
  readonly launcher: readonly string[];
}

/** As in `npm run start:server` and the Dockerfile. MiB for each half of the space of young objects, which live as long as a request. */
const SERVER_FLAGS = ['--max-semi-space-size=32'];

/** The server as a child process. */
export interface ServerProcess {
  readonly pid: number;
  /** Settles when it has ended, by whomever. */
  readonly ended: Promise<void>;
  /** SIGTERM: it finishes what is in flight. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** On a loaded machine of two cores a cold start takes some seconds; waiting longer than this helps nobody. */
const START_LIMIT_MS = 60_000;
/** Above the ten seconds in which the server itself ends what is in flight. */
const STOP_LIMIT_MS = 15_000;
/** Enough to see why it did not start. */
const LINES_SHOWN = 15;

/**
 * Starts the server and waits until it says that it listens.
 *
 * @throws with the last lines of its log when it does not come up; nothing is left running then
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  if (!existsSync(PROGRAMS.server)) throw new Error('The server is not built. Run npm run build first.');
  const [program, ...programArguments] = [...options.launcher, process.execPath];
  const child = spawn(program, [...programArguments, ...SERVER_FLAGS, PROGRAMS.server], {
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own session: Ctrl-C at the terminal is for us alone, who stop things in order.
    detached: true,
  });
  const ended = once(child, 'exit').then(
    () => rmSync(options.processFile, { force: true }),
    () => undefined,
  );
  if (child.pid === undefined) throw new Error(`${process.execPath} could not be started.`);
  writeFileSync(options.processFile, JSON.stringify(identifyProcess(child.pid)), { mode: 0o600 });
  const server: ServerProcess = {
    pid: child.pid,
    ended,
    stop: () => end(child, ended, 'SIGTERM'),
    kill: () => end(child, ended, 'SIGKILL'),
  };
  const output = follow(child, options.logFile);
  const timer = new AbortController();
  const outcome = await Promise.race([
    output.listening.then(() => 'listening' as const),
    output.closed.then(() => 'ended' as const),
    limit(START_LIMIT_MS, timer.signal),
  ]);
  timer.abort();
  if (outcome === 'listening') return server;
  await server.kill();
  throw new Error(
    `The server did not start${outcome === 'late' ? ` within ${START_LIMIT_MS / 1000} s` : ''}:\n` +
      `${output.lastLines().join('\n')}\nMore may be in ${options.logFile}`,
  );
}

/** Ends a server that an earlier run, killed itself, left behind. */
export async function endLeftoverServer(processFile: string): Promise<void> {
  const identity = readIdentity(processFile);
  if (identity !== undefined) await endProcess(identity, 'SIGTERM', STOP_LIMIT_MS);
  rmSync(processFile, { force: true });
}

async function end(child: ChildProcess, ended: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

async function limit(limitMs: number, signal: AbortSignal): Promise<'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), limitMs);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

interface Output {
  readonly listening: Promise<void>;
  readonly closed: Promise<void>;
  lastLines(): string[];
}

/** Copies what the server writes to its log, and looks for the line in which it says that it listens. */
function follow(
  child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream },
  logFile: string,
): Output {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const last: string[] = [];
  const lines = [child.stdout, child.stderr].map((input) => createInterface({ input }));
  const keep = (line: string): void => {
    log.write(`${line}\n`);
    if (last.push(line) > LINES_SHOWN) last.shift();
  };
  const listening = new Promise<void>((resolve) => {
    for (const reader of lines) {
      reader.on('line', (line) => {
        keep(line);
        if (saysListening(line)) resolve();
      });
    }
  });
  const closed = once(child, 'close').then(
    () => void log.end(),
    () => void log.end(),
  );
  return { listening, closed, lastLines: () => last.map(readable) };
}

function parseLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function saysListening(line: string): boolean {
  const entry = parseLine(line);
  return entry !== undefined && 'listening' in entry;
}

/** The message of a line of the server's log; the line itself if it is none. */
function readable(line: string): string {
  const entry = parseLine(line);
  return entry !== undefined && 'msg' in entry ? String(entry.msg) : line;
}
