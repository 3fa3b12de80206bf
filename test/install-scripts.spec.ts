import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { project } from './documents/pages.js';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: true; readonly link?: true }>>;
}

function json<Content>(file: string): Content {
  return JSON.parse(readFileSync(join(project, file), 'utf8')) as Content;
}

const { packages } = json<LockFile>('package-lock.json');
const { allowScripts } = json<{ readonly allowScripts: Readonly<Record<string, boolean>> }>('package.json');

// npm 10 runs every install script without asking, whatever allowScripts says.
it('no package runs a script at its installation but those that package.json allows', () => {
  const names = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.replace(/^.*node_modules\//, '')] : [],
  );
  expect(names.filter((name) => allowScripts[name] !== true)).toEqual([]);
});

it('the telemetry that swagger-ui-dist names is our own empty package', () => {
  const telemetry = Object.entries(packages).filter(([path]) => path.endsWith('node_modules/@scarf/scarf'));
  expect(telemetry).toEqual([['node_modules/@scarf/scarf', { resolved: 'tools/no-telemetry', link: true }]]);
  const own = json<Record<string, unknown>>('tools/no-telemetry/package.json');
  expect(Object.keys(own).filter((name) => /scripts|dependencies|bin|main/i.test(name))).toEqual([]);
});
