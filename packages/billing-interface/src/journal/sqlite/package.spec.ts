import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = new URL('../../../../sqlite-for-node-20/', import.meta.url);

it.each(['package.json', 'index.js'])('installs the %s that is in the folder of the package for Node.js 20', (name) => {
  const archive = fileURLToPath(new URL('package.tgz', folder));
  const packed = execFileSync('tar', ['-xzOf', archive, `package/${name}`], { encoding: 'utf8' });
  expect(packed).toBe(readFileSync(new URL(name, folder), 'utf8'));
});
