import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** An engine answers this in milliseconds; one that hangs is none. */
const QUESTION_MS = 15_000;
/** Logs of a whole run are smaller. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** What runs containers on this machine. */
export interface Engine {
  readonly found: true;
  readonly engineVersion: string;
  readonly composeVersion: string;
  /** Program and first arguments: `docker compose`, or docker-compose. */
  readonly compose: readonly [string, ...string[]];
}

/** Why there is none, for a person. */
export interface NoEngine {
  readonly found: false;
  readonly reason: string;
}

/** Looks for an engine that answers and for either of the two compose programs. */
export async function findEngine(): Promise<Engine | NoEngine> {
  const engineVersion = await answerOf('docker', ['version', '--format', '{{.Server.Version}}']);
  if (engineVersion === null)
    return {
      found: false,
      reason: 'no Docker engine answers here (docker version). Start one, or see that this user may use it.',
    };
  for (const compose of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...first] = compose;
    const composeVersion = await answerOf(program, [...first, 'version', '--short']);
    if (composeVersion !== null) return { found: true, engineVersion, composeVersion, compose };
  }
  return { found: false, reason: 'there is neither `docker compose` nor docker-compose here. Install one of them.' };
}

async function answerOf(program: string, commandLine: readonly string[]): Promise<string | null> {
  try {
    return (await runProgram(program, commandLine, { timeout: QUESTION_MS })).trim() || null;
  } catch {
    return null;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Another program ended with something other than 0. */
export class ProgramFailure extends Error {
  override readonly name = 'ProgramFailure';

  constructor(
    message: string,
    readonly exitStatus: number,
    readonly stdout: string,
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Lines of a failed program that a person wants to see first. */
const TAIL_LINES = 12;

/** Runs a program and gives its standard output. @throws {@link ProgramFailure} with the end of what it said */
export async function runProgram(
  program: string,
  commandLine: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, commandLine, { ...options, maxBuffer: OUTPUT_BYTES_MAX });
    return stdout;
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().split('\n').slice(-TAIL_LINES).join('\n');
    const status = typeof code === 'number' ? code : -1;
    throw new ProgramFailure(
      `${[program, ...commandLine.slice(0, 6)].join(' ')} ended with ${String(code)}:\n${said}`,
      status,
      stdout,
      stderr,
      { cause: error },
    );
  }
}
