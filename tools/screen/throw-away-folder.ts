import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PostgreSQL runs as a user of its own when we are root, and must pass through; nobody else may look into the folder. */
const PASSABLE = 0o711;
/** For what is nobody's business: tills' keys and journals. */
export const OWNER_ONLY = 0o700;

/** Makes an empty folder that a whole local installation can live in; whoever makes it deletes it. */
export async function makeThrowAwayFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tax-control-${name}-`));
  await chmod(folder, PASSABLE);
  return folder;
}
