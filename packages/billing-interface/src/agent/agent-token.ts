import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';

/** 256 bits: nobody guesses it, however fast the agent answers. */
const TOKEN_BYTES = 32;
const OWNER_ONLY_MODE = 0o600;
const OTHERS_MASK = 0o077;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43,}$/;

/**
 * The token of an agent: read from its file, or made at the first start in a file that only its owner can read.
 * @throws Error with what to do, when the file is open to others or holds no token
 */
export function readOrMakeToken(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`, { mode: OWNER_ONLY_MODE, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readToken(path);
}

/** The token that an agent wrote; for the command, which calls a running agent. */
export function readToken(path: string): string {
  const mode = statSync(path).mode;
  if (process.platform !== 'win32' && (mode & OTHERS_MASK) !== 0)
    throw new Error(`The token file ${path} can be read by others. Delete it; the agent makes a new one at its start.`);
  const token = readFileSync(path, 'utf8').trim();
  if (!TOKEN_PATTERN.test(token))
    throw new Error(`The token file ${path} holds no token. Delete it; the agent makes a new one at its start.`);
  return token;
}

/** Whether an Authorization header bears the token (RFC 6750); takes as long for a wrong one as for the right one. */
export function bearsToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', given = ''] = (authorization ?? '').split(' ');
  const same = timingSafeEqual(sha256(given), sha256(token));
  return same && scheme.toLowerCase() === 'bearer';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
