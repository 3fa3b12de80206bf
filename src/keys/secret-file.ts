import { type KeyObject, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { KeyFilesError } from './key-files-error.js';

/**
 * Rights that a secret's file may not grant: anything to others, writing to the group. Reading by the group is
 * allowed, because that is how orchestrators hand secrets to an unprivileged process.
 */
const FORBIDDEN_RIGHTS = 0o037;

const HOW_TO_MAKE_KEYS =
  'Make a set of keys with: tax-control keys init --directory DIRECTORY --host NAME, and name that directory in KEYS_DIRECTORY.';

/** Reads a certificate or another public file. @param howToMake what to do where it is missing */
export function readPublicFile(path: string, howToMake = HOW_TO_MAKE_KEYS): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error, howToMake);
  }
}

/** Reads a secret; refuses one that other users of the machine could read. */
export function readSecretFile(path: string): string {
  try {
    // Windows has no such rights; its access lists are the administrator's.
    if (process.platform !== 'win32' && (statSync(path).mode & FORBIDDEN_RIGHTS) !== 0)
      throw new KeyFilesError(`${path} can be read by others. Run: chmod 600 ${path}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyFilesError) throw error;
    throw unreadable(path, error, HOW_TO_MAKE_KEYS);
  }
}

function unreadable(path: string, error: unknown, howToMake: string): KeyFilesError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new KeyFilesError(`${path} is missing. ${howToMake}`);
  return new KeyFilesError(
    `${path} cannot be read (${code ?? 'unknown error'}). Let the server's user own and read it.`,
  );
}

/** Reads a private key in PEM. */
export function readPrivateKey(path: string): KeyObject {
  const pem = readSecretFile(path);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new KeyFilesError(`${path} is not a private key in PEM without passphrase. Restore it from your backup.`);
  }
}

/** Reads a certificate in PEM; of a chain, the first one. */
export function readCertificate(path: string): X509Certificate {
  const pem = readPublicFile(path);
  try {
    return new X509Certificate(pem);
  } catch {
    throw new KeyFilesError(`${path} is not a certificate in PEM. Restore it from your backup.`);
  }
}
