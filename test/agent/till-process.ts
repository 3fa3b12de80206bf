import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The compiled command, as it is installed at a till; `npm test` builds it first. */
const TAX_TERMINAL = fileURLToPath(new URL('../../packages/billing-interface/dist/cli/main.js', import.meta.url));
const environment = { PATH: process.env['PATH'] };

/** What a command printed, and its exit status. */
export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `tax-terminal` to its end. */
export async function taxTerminal(args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(process.execPath, [TAX_TERMINAL, ...args], { env: environment });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, out, err };
}

/** An agent in a process of its own. */
export interface AgentProcess {
  readonly url: string;
  readonly terminals: readonly { readonly terminalId: string; readonly state: string; readonly detail?: string }[];
  readonly tokenFile: string;
  /** Everything that it has written so far. */
  output(): string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  /** Sends a signal and waits for the end; the exit status, null after a signal that kills. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

interface Announcement {
  readonly listening: string;
  readonly tokenFile: string;
  readonly terminals: AgentProcess['terminals'];
}

/** Starts `tax-terminal agent` on a free port and waits until it listens. */
export async function startAgentProcess(directory: string, ...args: string[]): Promise<AgentProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [TAX_TERMINAL, 'agent', '--directory', directory, '--listen', '127.0.0.1:0', '--json', ...args],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    process.stderr.write(chunk);
  });
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'close').then(() => [''])])) as [string];
  if (line === '') throw new Error('The agent ended before it listened.');
  const { listening, tokenFile, terminals } = JSON.parse(line) as Announcement;
  const authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
  return {
    url: listening,
    terminals,
    tokenFile,
    output: () => output,
    get: (path, headers = {}) => fetch(listening + path, { headers: { authorization, ...headers } }),
    post: (path, body = {}) =>
      fetch(listening + path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}
