import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeKeys } from '../keys/make-keys.js';
import { writeKeys } from '../keys/write-keys.js';
import { nameTerminalHosts } from './listener-actions.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'listener-spec-'));
  await writeKeys(root, (await makeKeys({ environment: 'test', hosts: ['a.example'], now: new Date() })).files);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('keys listener --host', () => {
  it('tells the hosts before', async () => {
    expect(await nameTerminalHosts(root, ['b.example'])).toMatchObject({ json: { before: ['a.example'] } });
  });

  it.each(['missing', 'empty', 'wrong'])('writes the file of the hosts where it is %s', async (state) => {
    const file = join(root, 'terminal-hosts.txt');
    if (state === 'missing') await rm(file);
    else await writeFile(file, state === 'empty' ? '' : 'https://a.example:8443\n');
    expect(await nameTerminalHosts(root, ['b.example'])).toMatchObject({ json: { before: null } });
    expect(await readFile(file, 'utf8')).toBe('b.example\n');
  });

  it('makes no file where there are no keys', async () => {
    await rm(join(root, 'ca'), { recursive: true });
    await expect(nameTerminalHosts(root, ['b.example'])).rejects.toThrow('is missing');
  });
});
