import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from './documents/pages.js';

const COMPILED = join(project, 'dist/tools/screen');

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

/** Runs a tool whose `run` is `body`, in a process of its own, and sends it SIGINT as soon as it says "ready". */
async function toolThat(body: string): Promise<Ended> {
  const script = `
    const { runTool } = await import('${COMPILED}/run-tool.js');
    const { Things } = await import('${COMPILED}/things.js');
    const things = new Things();
    // What a tool has started keeps its process up.
    setInterval(() => {}, 1_000);
    const say = (sentence) => process.stdout.write(sentence + '\\n');
    await runTool({ name: 'spec', things, say, run: async () => { ${body} } });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (text.includes('ready')) child.kill('SIGINT');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

describe('the exit status of a tool', () => {
  it.each<[what: string, body: string, expected: Ended]>([
    ['that went well', `return { isWell: true, lastLine: '{}' }`, { status: 0, said: '{}\n' }],
    ['that did not', `return { isWell: false, lastLine: '{}' }`, { status: 1, said: '{}\n' }],
    [
      'that was ended in the middle',
      `say('ready'); await things.unlessInterrupted(new Promise(() => {}))`,
      { status: 130, said: 'ready\nStopping …\n' },
    ],
    [
      'that stays up until it is ended (--keep)',
      `setTimeout(() => say('ready'), 20); return { isWell: true, lastLine: '{}', staysUp: true }`,
      { status: 0, said: '{}\nready\nStopping …\n' },
    ],
    [
      'that stays up after something went wrong',
      `setTimeout(() => say('ready'), 20); return { isWell: false, lastLine: null, staysUp: true }`,
      { status: 1, said: 'ready\nStopping …\n' },
    ],
    [
      'under which something breaks while it stays up',
      `setTimeout(() => things.fail('The server is gone.'), 20); return { isWell: true, lastLine: null, staysUp: true }`,
      { status: 1, said: 'The server is gone.\n' },
    ],
  ])('%s', async (_, body, expected) => expect(await toolThat(body)).toEqual(expected), 15_000);
});
