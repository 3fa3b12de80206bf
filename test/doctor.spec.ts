import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGround, type TestGround } from './support/server.js';

const MAIN = new URL('../dist/src/commands/main.js', import.meta.url).pathname;

interface Examined {
  readonly exitStatus: number;
  readonly status: string;
  readonly findings: readonly { check: string; status: string; seen: string; advice: string | null }[];
}

let ground: TestGround;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground.clear());

/** Runs the doctor as an operator does, with the settings of a server. */
function doctor(environment: Readonly<Record<string, string>> = {}, ...options: string[]): Promise<Examined> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [MAIN, 'doctor', '--json', ...options],
      { env: { PATH: process.env['PATH'], ...ground.environment, ...environment } },
      (_, out, errors) => {
        if (errors !== '') reject(new Error(errors));
        else resolve({ exitStatus: child.exitCode ?? -1, ...(JSON.parse(out) as Omit<Examined, 'exitStatus'>) });
      },
    );
  });
}

describe('the doctor', () => {
  it('finds nothing failed where nothing is wrong', async () => {
    const { exitStatus, findings } = await doctor();
    expect(findings.filter(({ status }) => status === 'failed' || status === 'warning')).toEqual([]);
    expect(exitStatus).toBe(0);
  });

  it('tells each part that is not there, and looks at the others', async () => {
    const { exitStatus, findings } = await doctor({ DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/z' });
    expect(exitStatus).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'database', status: 'failed' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'keys', status: 'ok' }));
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});
