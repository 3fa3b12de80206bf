import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** So many modules take 0.2 s to load: by `require`, Node.js 20 aborted in one of 15 pools that were ended meanwhile. */
const MODULES = 1_000;
const POOLS = 60;
/** Pools are ended after up to so many milliseconds: a thread has then not begun to load, is loading, or has loaded. */
const LOADING_MS = 400;

const THREAD_POOL = new URL('../../dist/src/threads/thread-pool.js', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thread-pool-'));
  const names = Array.from({ length: MODULES }, (_, index) => `m${index}`);
  await Promise.all(names.map((name) => writeFile(join(folder, `${name}.mjs`), `export const ${name} = 1;\n`)));
  const imports = names.map((name) => `import { ${name} } from './${name}.mjs';`);
  await writeFile(join(folder, 'thread.mjs'), `${imports.join('\n')}\nexport default () => ${names.join(' + ')};\n`);
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
  expect(await runScript(script)).toBe(`${MODULES}\n`);
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
