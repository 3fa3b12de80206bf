import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop } from './agent/shop.js';

const page = await readFile(new URL('../docs/wire.md', import.meta.url), 'utf8');

function blocks(language: string): string {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block).join('');
}

/** Why the page cannot be followed here; null: it can. */
function missing(): string | null {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    const version = execFileSync('openssl', ['version'], { encoding: 'utf8' });
    return /^OpenSSL [3-9]/.test(version) ? null : `the page needs OpenSSL 3, and here is ${version.trim()}`;
  } catch {
    return 'curl or openssl is not installed here';
  }
}

const reason = missing();
if (reason !== null) process.stdout.write(`docs/wire.md is not followed: ${reason}.\n`);

describe.skipIf(reason !== null)('docs/wire.md', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    const file = join(shop.directory, 'invitation.txt');
    await shop.control('terminal', 'register', 'till-1', '--premises', 'main-street', '--out', file);
  });
  afterAll(() => shop.close());

  it('prints what it says it prints, when its commands are run as they stand there', async () => {
    const { PATH } = process.env;
    const shell = spawn('sh', ['-eu'], { cwd: shop.directory, env: { PATH }, stdio: ['pipe', 'pipe', 'pipe'] });
    shell.stdin.end(blocks('sh'));
    const [out, error, [status]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
    const withoutCodes = (output: string): string =>
      output.replaceAll(/^9[0-9]{19}$/gm, 'a code of the test environment');
    expect({ error, status, out: withoutCodes(out) }).toEqual({
      error: '',
      status: 0,
      out: withoutCodes(blocks('text')),
    });
  });
});
