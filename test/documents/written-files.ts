import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project } from './pages.js';

/** Redirections, and options that name a file or folder to be written, by the names that our commands and those of others give them. */
const WRITES = [
  /(?<![-=0-9&<>])>{1,2}\s*([^\s;&|()<>]+)/g,
  /\s--(?:out|output|directory|invitations|to)[= ]([^\s;&|()<>]+)/g,
  /\bcurl\s[^;&|]*?\s-o\s+([^\s;&|()<>]+)/g,
  /\btee\s+([^\s;&|()<>]+)/g,
];

/** Files and folders that command lines write below the folder in which they are typed. */
export function writtenFiles(lines: readonly string[]): string[] {
  const written = lines
    .map((line) => line.replace(/\s#\s.*$/, ''))
    .flatMap((line) => WRITES.flatMap((pattern) => [...line.matchAll(pattern)].map(([, name = '']) => name)));
  // Elsewhere, decided by the shell, or only the name of something to put in.
  return [...new Set(written)].filter((name) => /^[a-z.][\w./-]*$/.test(name) && !name.startsWith('..'));
}

export const hasGit = spawnSync('git', ['--version']).status === 0;

/** Those of the names that an ignore file of the project does not keep out, by git's own judgement. */
export function notIgnored(names: readonly string[], ignoreFile: '.gitignore' | '.dockerignore'): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tax-control-ignored-'));
  try {
    const text = readFileSync(join(project, ignoreFile), 'utf8');
    // Docker's patterns are all of the root.
    const patterns = ignoreFile === '.gitignore' ? text : text.replaceAll(/^(?=[^*!#\s])/gm, '/');
    writeFileSync(join(folder, '.gitignore'), patterns);
    execFileSync('git', ['init', '--quiet', folder]);
    return names.filter(
      (name) => spawnSync('git', ['-C', folder, 'check-ignore', '--quiet', '--no-index', name]).status !== 0,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
