import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The compiled command, as it is installed at a till. */
const TAX_TERMINAL = fileURLToPath(
  new URL('../bin/tax-terminal.js', import.meta.resolve('@tax-control/billing-interface')),
);

/** An agent in a process of its own. */
export interface RunningAgent {
  readonly pid: number;
  readonly port: number;
  readonly authorization: string;
  stop(): Promise<void>;
}

/** Starts `tax-terminal agent` on a free port of loopback, and waits until it listens. */
export async function startAgent(directory: string): Promise<RunningAgent> {
  const child: ChildProcess = spawn(
    process.execPath,
    [TAX_TERMINAL, 'agent', '--directory', directory, '--listen', '127.0.0.1:0', '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  if (child.stdout === null) throw new Error('the agent has no output to read');
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  const announced = await Promise.race([line, closed.then(() => null)]);
  if (announced === null) throw new Error('the agent ended before it listened');
  const { listening, tokenFile } = JSON.parse(announced) as { readonly listening: string; readonly tokenFile: string };
  return {
    pid: child.pid ?? 0,
    port: Number(new URL(listening).port),
    authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
