import { vi } from 'vitest';
import { type Clock, systemClock } from '@tax-control/protocol';
import { run } from '../../src/commands/run.js';

/** What `tax-control doctor --json` told. */
export interface Examined {
  readonly exitStatus: number;
  readonly status: string;
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorFinding {
  readonly check: string;
  readonly status: string;
  readonly seen: string;
  readonly advice: string | null;
}

/** Runs the doctor in this process, with the settings of a server and nothing else. */
export function examine(
  environment: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<Examined> {
  return examineBy(systemClock, environment, ...options);
}

/** The same on a machine that has this clock. */
export async function examineBy(
  clock: Clock,
  environment: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<Examined> {
  let out = '';
  let errors = '';
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (errors += text) };
  const exitStatus = await run(['doctor', '--json', ...options], terminal, clock).finally(() => vi.unstubAllEnvs());
  if (errors !== '') throw new Error(errors);
  return { exitStatus, ...(JSON.parse(out) as Omit<Examined, 'exitStatus'>) };
}

/** What a check found that is not as it should be. */
export function faultsOf({ findings }: Examined, check: string): DoctorFinding[] {
  return findings.filter((one) => one.check === check && (one.status === 'failed' || one.status === 'warning'));
}
