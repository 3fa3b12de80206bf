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

/** The folder that the lines behind it are typed in; only one below the present one counts. */
const CHANGES_FOLDER = /\bcd ([a-z][\w-]*)$/;

/** Files and folders that the command lines of a page write, from the folder in which the first line is typed. */
export function writtenFiles(lines: readonly string[]): string[] {
  let folder = '';
  const written: string[] = [];
  for (const line of lines.map((whole) => whole.replace(/\s#\s.*$/, ''))) {
    for (const pattern of WRITES)
      for (const [, name = ''] of line.matchAll(pattern)) written.push(/^[/~$]/.test(name) ? name : folder + name);
    const [, entered] = CHANGES_FOLDER.exec(line) ?? [];
    if (entered !== undefined) folder += `${entered}/`;
  }
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
