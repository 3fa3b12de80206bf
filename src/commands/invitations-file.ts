import { constants } from 'node:fs';
import { access, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isProblem, type Problem } from '@tax-control/protocol';
import { OutcomeUnknown } from '../database/transaction.js';
import { syncFolder } from '../keys/write-keys.js';
import { type NotDone, refused, unavailable } from './outcome.js';

/** Read and write for the owner, nothing for anybody else: an invitation is worth a certificate. */
const OWNER_ONLY_FILE = 0o600;

/** A file that is there before anything is registered, and filled before it is committed. */
interface InvitationsFile {
  /** On disk when it returns, with its name. */
  fill(text: string): Promise<void>;
  /** Nothing was registered: the file goes. */
  discard(): Promise<void>;
}

/**
 * Makes the file, for its owner alone, and never over another.
 * @param option that names it, like `--out`
 * @returns what stands in the way and what to do, if it cannot be made
 */
async function makeInvitationsFile(path: string, option: string): Promise<InvitationsFile | string> {
  try {
    const file = await open(path, 'wx', OWNER_ONLY_FILE);
    // The mask of the process may have taken more away, never added anything; the mode is ours all the same.
    await file.chmod(OWNER_ONLY_FILE);
    return {
      fill: async (text) => {
        await file.writeFile(text);
        await file.sync();
        await file.close();
        await syncFolder(dirname(path));
      },
      discard: async () => {
        await file.close();
        await rm(path, { force: true });
      },
    };
  } catch (error) {
    return obstacle(path, option, error as NodeJS.ErrnoException);
  }
}

/**
 * Makes the file, and lets an act fill it. The file stays if its invitations are good or may be, and only then.
 * @param unconfirmed what to tell if the database did not confirm the act
 * @returns what came of the act, its problem, or why it could not be told
 */
export async function fillInvitationsFile<Result>(
  { path, option }: { readonly path: string; readonly option: string },
  act: (fill: InvitationsFile['fill']) => Promise<Result | Problem>,
  unconfirmed: string,
): Promise<Result | Problem | NotDone> {
  const file = await makeInvitationsFile(path, option);
  if (typeof file === 'string') return refused(file);
  try {
    const result = await act((text) => file.fill(text));
    if (isProblem(result)) await file.discard();
    return result;
  } catch (error) {
    if (error instanceof OutcomeUnknown) return unavailable(unconfirmed);
    await file.discard();
    throw error;
  }
}

/** What would stand in the way; the file is not made. Null: nothing that can be seen beforehand. */
export async function findObstacle(path: string, option: string): Promise<string | null> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return obstacle(path, option, { code: 'EEXIST' });
  return access(dirname(path), constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => obstacle(path, option, error),
  );
}

function obstacle(path: string, option: string, { code = 'unknown' }: Pick<NodeJS.ErrnoException, 'code'>): string {
  if (code === 'EEXIST')
    return (
      `The file ${path} is there already and is never overwritten. Name another with ${option}. If a command was ` +
      'interrupted: where its terminals are registered (tax-control terminal list), the invitations in that file are good; ' +
      'where they are not, the file is worthless, and you may remove it.'
    );
  return `The file ${path} cannot be made (${code}). Name another with ${option}.`;
}
