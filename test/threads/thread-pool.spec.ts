import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** To link so many names through so many modules takes long: by `require`, Node.js 20 aborted in each of four runs. */
const NAMES = 1_000;
const MODULES = 60;
const POOLS = 30;
/** Pools are ended after up to so many milliseconds: a thread has then not begun to load, is loading, or has loaded. */
const LOADING_MS = 250;

const THREAD_POOL = new URL('../../dist/src/threads/thread-pool.js', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thread-pool-'));
  const names = Array.from({ length: NAMES }, (_, index) => `name${index}`).join();
  const write = (module: string, text: string): Promise<void> => writeFile(join(folder, module), text);
  await write('0.mjs', `export const [${names}] = Array(${NAMES}).fill(1);`);
  for (let index = 1; index <= MODULES; index += 1)
    await write(`${index}.mjs`, `export { ${names} } from './${index - 1}.mjs';`);
  await write('thread.mjs', `import * as all from './${MODULES}.mjs'; export default () => Object.keys(all).length;`);
});
afterAll(() => rm(folder, { recursive: true }));

/** In a process of its own, because an abort ends the process. */
async function runScript(script: string): Promise<string> {
  const head = `const { threadPool } = await import(${JSON.stringify(THREAD_POOL)});
    const module = new URL(${JSON.stringify(pathToFileURL(join(folder, 'thread.mjs')).href)});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', head + script]);
  return stdout;
}

it('runs the default export of a module', async () => {
  const script = `const pool = threadPool(module, {}); console.log(await pool.run()); await pool.destroy();`;
  expect(await runScript(script)).toBe(`${NAMES}\n`);
});

it('ends threads at any time while they load', async () => {
  const script = `
    for (let count = 0; count < ${POOLS}; count += 1) {
      const pool = threadPool(module, { minThreads: 1, maxThreads: 1 });
      await new Promise((resolve) => setTimeout(resolve, (count / ${POOLS}) * ${LOADING_MS}));
      await pool.destroy();
    }
    console.log('all ended');`;
  expect(await runScript(script)).toBe('all ended\n');
});
