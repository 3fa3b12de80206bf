import { cp } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { projectDirectory } from '../local/project.js';

/** What a fresh clone does not have: made by installing, building and running, or secret. */
const NOT_IN_A_CLONE =
  /(^|\/)(node_modules|dist|\.git|\.local|coverage)(\/|$)|^(\.env|docker\/secrets[^/]*)(\/|$)|\.log$/;

/** Copies the project as a fresh clone would be, uncommitted changes included. @param folder made by this */
export async function copyAsClone(folder: string): Promise<void> {
  const project = projectDirectory();
  await cp(project, folder, {
    recursive: true,
    filter: (path) => !NOT_IN_A_CLONE.test(relative(project, path).split(sep).join('/')),
  });
}
