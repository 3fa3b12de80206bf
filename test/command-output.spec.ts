import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAMS = {
  'tax-control': 'dist/src/commands/main.js',
  'tax-terminal': 'packages/billing-interface/dist/cli/main.js',
};
const FULL_DEVICE = '/dev/full';
const project = fileURLToPath(new URL('..', import.meta.url));

/** @returns exit status of a shell line, and what stood on standard error */
function shell(line: string): Promise<{ status: number; errors: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['-o', 'pipefail', '-c', line], { cwd: project }, (error, _, errors) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, errors }),
    );
  });
}

describe.each(Object.entries(PROGRAMS))('the output of %s', (name, program) => {
  it('may be closed by who has read enough', async () => {
    // `true` is gone before Node has started.
    expect(await shell(`node ${program} --help | true`)).toEqual({ status: 0, errors: '' });
  });

  it.runIf(existsSync(FULL_DEVICE))('is told to be lost where it cannot be written', async () => {
    const { status, errors } = await shell(`node ${program} --help > ${FULL_DEVICE}`);
    expect(status).not.toBe(0);
    expect(errors).toMatch(new RegExp(`^${name}: the result could not be written \\(ENOSPC\\)\\. [^\\n]+\\n$`));
  });
});
