import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { makeThrowAwayFolder } from './throw-away-folder.js';
import { Interrupted, type Things } from './things.js';
import { watchOutput } from './watch-output.js';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** What shells report for a process that ended by Ctrl-C (128 + SIGINT). */
const EXIT_INTERRUPTED = 130;

/** Whatever a tool waits for, it stops waiting when it is interrupted; this is for a child process that is slow to start. */
const SETTLE_LIMIT_MS = 10_000;

/**
 * What a tool came to.
 * @property lastLine printed last; null for nothing
 * @property keepsFolder the throw-away folder stays: somebody will want to look at it
 * @property staysUp what was started goes on until somebody ends it, which is no failure then; `lastLine` is printed before
 */
export interface ToolResult {
  readonly isWell: boolean;
  readonly lastLine: string | null;
  readonly staysUp?: boolean;
  readonly keepsFolder?: boolean;
}

export interface Tool {
  /** Name of the throw-away folder. */
  readonly name: string;
  readonly things: Things;
  /** @param folder empty; deleted afterwards, where the result does not say that it stays */
  run(folder: string): Promise<ToolResult>;
  /** Says a sentence to a person. */
  say(sentence: string): void;
}

/**
 * Runs a tool in a folder of its own, and ends all that it started, also on Ctrl-C and when it fails; then the process
 * ends, whatever timers are left.
 */
export async function runTool(tool: Tool): Promise<never> {
  const { things } = tool;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => things.interrupt(signal));
  watchOutput(process, () => things.interrupt('SIGPIPE'));
  const folder = await makeThrowAwayFolder(tool.name);
  let status = EXIT_FAILED;
  let lastLine: string | null = null;
  let keepsFolder = false;
  const work = tool.run(folder);
  try {
    const result = await things.unlessInterrupted(work);
    status = result.isWell ? 0 : EXIT_FAILED;
    ({ lastLine, keepsFolder = false } = result);
    if (result.staysUp === true) {
      if (lastLine !== null) process.stdout.write(`${lastLine}\n`);
      lastLine = null;
      const fault = await things.interrupted();
      if (fault !== null) status = EXIT_FAILED;
      tool.say(fault ?? 'Stopping …');
    }
  } catch (error) {
    const isInterrupted = error instanceof Interrupted;
    if (isInterrupted) status = EXIT_INTERRUPTED;
    tool.say(
      isInterrupted ? 'Stopping …' : `It could not go on: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  // What is just being started must be there before it can be ended.
  await Promise.race([work.catch(() => {}), wait(SETTLE_LIMIT_MS)]);
  for (const fault of await things.end()) {
    tool.say(`Something did not end as it should: ${fault}`);
    status ||= EXIT_FAILED;
  }
  if (!keepsFolder) await rm(folder, { recursive: true, force: true });
  if (lastLine !== null) process.stdout.write(`${lastLine}\n`);
  process.exit(status);
}
