import { DirectoryCustody } from './directory-custody.js';
import { LAST_SEQUENCE } from './key-directory.js';
import { KeyFilesError } from './key-files-error.js';
import { macKeyFile } from './make-keys.js';
import { placeFiles } from './write-keys.js';

/**
 * How far ahead of the present number a new MAC key begins, at least. Every instance must have it before the first of its numbers is given:
 * at 2,000 codes a second, twice what was ever measured here, it is 25 seconds, and the files are looked at every two.
 */
export const MAC_KEY_AHEAD_MIN = 50_000;

/** If nobody says otherwise: the keys may also be copied to other machines by hand. Eight minutes of 2,000 codes a second. */
export const MAC_KEY_AHEAD = 1_000_000;

/**
 * Adds a MAC key for the numbers from one on, which must not have been given yet. Earlier numbers keep theirs for ever.
 * @throws KeyFilesError when a key begins there or behind it already
 */
export async function stageMacKey(root: string, firstSequence: number): Promise<void> {
  const { environment, macKeys } = new DirectoryCustody(root).load();
  const last = macKeys.at(-1);
  if (firstSequence > LAST_SEQUENCE[environment])
    throw new KeyFilesError('The numbers end before that. Name fewer numbers ahead (--ahead).');
  if (last !== undefined && last.firstSequence >= firstSequence)
    throw new KeyFilesError(
      `A MAC key begins at ${last.firstSequence} already, and a new one has to begin behind it. Name more numbers ahead (--ahead).`,
    );
  await placeFiles(root, [macKeyFile(firstSequence)]);
}
