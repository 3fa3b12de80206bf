import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root, seen from `tools/` and from `dist/tools/` alike. */
export function projectDirectory(): string {
  const above = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  return basename(above) === 'dist' ? dirname(above) : above;
}

/** Programs of the project that run as processes of their own, always from what `npm run build` made. */
export const PROGRAMS = {
  server: join(projectDirectory(), 'dist', 'src', 'main.js'),
  control: join(projectDirectory(), 'dist', 'src', 'commands', 'main.js'),
  till: join(projectDirectory(), 'packages', 'billing-interface', 'dist', 'cli', 'main.js'),
} as const;
