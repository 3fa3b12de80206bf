import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectDirectory } from '../local/project.js';

/** A process of the bench's own that takes commands and reports on each. */
export interface Child<Command, Report> {
  readonly pid: number;
  /** Sends a command, if there is one, and waits for the next report. */
  ask(command: Command | null): Promise<Report>;
  end(): Promise<void>;
}

/**
 * Starts a module as a process. It must end when its parent disconnects.
 *
 * @param module below tools/, as `bench/load-generator.js`; what the build made of it runs
 * @param isOfOwnSession Linux then gives it processor time as if it were another user's (autogroup)
 */
export function startChild<Command extends object, Report>(
  module: string,
  environment: Readonly<Record<string, string>> = {},
  isOfOwnSession = false,
): Child<Command, Report> {
  const path = join(projectDirectory(), 'dist', 'tools', module);
  const { PATH } = process.env;
  const child = fork(path, {
    env: { ...(PATH === undefined ? {} : { PATH }), ...environment },
    serialization: 'advanced',
    // Not those of a test that runs from sources.
    execArgv: [],
    detached: isOfOwnSession,
  });
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    ask: async (command) => {
      const report = nextReport<Report>(child, path);
      if (command) child.send(command);
      return report;
    },
    end: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

function nextReport<Report>(child: ChildProcess, module: string): Promise<Report> {
  return new Promise((resolve, reject) => {
    const onExit = (status: number | null): void => reject(new Error(`${module} ended with status ${status}`));
    child.once('exit', onExit);
    child.once('message', (report) => {
      child.off('exit', onExit);
      resolve(report as Report);
    });
  });
}
