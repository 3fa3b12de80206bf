import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PROGRAMS } from './project.js';

/** Exit status of `tax-control` when the same command again changes nothing. */
export const REFUSED = 1;

/** `tax-control` refused, or could not do, what it was asked to. The message is its own. */
export class ControlFailure extends Error {
  override readonly name = 'ControlFailure';

  constructor(
    message: string,
    /** 1 refused, 2 wrong usage, 3 database unavailable, 4 failed unexpectedly. */
    readonly exitStatus: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A signed document with all its keys is far smaller; a list of a hundred thousand terminals is not larger. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Runs the operators' command with `--json`.
 *
 * @param commandLine like `['terminal', 'list']`
 * @param environment its settings, by the names in .env.example
 * @returns the JSON document it printed
 * @throws {@link ControlFailure} for each exit status other than 0
 */
export async function runControl(commandLine: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  const options = { env: environment, maxBuffer: OUTPUT_BYTES_MAX };
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)(
      process.execPath,
      [PROGRAMS.control, ...commandLine, '--json'],
      options,
    ));
  } catch (error) {
    const status = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : -1;
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new ControlFailure(`tax-control ${commandLine.join(' ')}: ${messageIn(stderr)}`, status, { cause: error });
  }
  return JSON.parse(output);
}

/** The message of `{"error": {"message"}}`; the whole text if it is something else, from Node itself for one. */
function messageIn(stderr: string): string {
  try {
    const { error } = JSON.parse(stderr.split('\n').at(-1) ?? '') as { error: { message: string } };
    return error.message;
  } catch {
    return stderr;
  }
}
