import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { project } from './documents/pages.js';

interface LockFile {
  /** `name` where the folder is called otherwise (an alias). */
  readonly packages: Readonly<
    Record<string, { readonly name?: string; readonly hasInstallScript?: true; readonly link?: true }>
  >;
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(join(project, file), 'utf8'));
}

const { packages } = json('package-lock.json') as LockFile;
const { allowScripts } = json('package.json') as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

// npm 10 runs every install script without asking, whatever allowScripts says.
it('no package runs a script at its installation but those that package.json allows', () => {
  const names = Object.entries(packages).flatMap(([path, { name, hasInstallScript }]) =>
    hasInstallScript === true ? [name ?? path.replace(/^.*node_modules\//, '')] : [],
  );
  expect(names.filter((name) => allowScripts[name] !== true)).toEqual([]);
});

it('the telemetry that swagger-ui-dist names is our own empty package', () => {
  const telemetry = Object.entries(packages).filter(([path]) => path.endsWith('node_modules/@scarf/scarf'));
  expect(telemetry).toEqual([['node_modules/@scarf/scarf', { resolved: 'tools/no-telemetry', link: true }]]);
  const own = json('tools/no-telemetry/package.json') as object;
  expect(Object.keys(own).filter((name) => /scripts|dependencies|bin|main/i.test(name))).toEqual([]);
});
