import { hash, parseOptions, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import { Gate } from '../http/gate.js';

/**
 * Argon2id (RFC 9106): memory and passes of its second recommended choice, in one lane instead of four, so that a sign-in never takes
 * more than one core from the tills. 45 ms and 64 MiB on a server of 2024. Whoever raises it raises each account's at its next sign-in.
 */
const MEMORY_KIB = 65_536;
const PASSES = 3;
const LANES = 1;
const OPTIONS = { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES };

/** Hashes computed at once: tills need the other core. */
const HASHES_AT_ONCE = 1;
/** Who waits longer than fifty hashes, two seconds, is told to come again; twenty sign-ins a second are a whole ministry's morning. */
const HASHES_WAITING_MAX = 50;

/** All of them wait in one line: whose password it is, is not known before it is checked. */
const EVERYBODY = 'everybody';

/** The hash of a password that nobody knows: trying a name that does not exist costs the same time. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=65536,t=3,p=1$uwGNLmhtRxDgUb/KYWfEtQ$TIaWlzxhPUJnCmUKejtj2nplyIspRptYN/LFDo4vbXY';

/** When to come again: a second later some twenty hashes are made, and there is room. */
export const HASH_RETRY_AFTER_MS = 1_000;

/** What a check found; `busy`: too many wait already, nothing was checked. */
export type PasswordCheck = 'right' | 'wrong' | 'busy';

/** Makes and checks hashes of passwords (PHC strings), a bounded number at once. */
@Injectable()
export class PasswordHash {
  readonly #gate = new Gate({
    insideMax: HASHES_AT_ONCE,
    waitingMax: HASHES_WAITING_MAX,
    holderMax: HASHES_AT_ONCE + HASHES_WAITING_MAX,
  });

  /** The hash of a password; null: too many wait already. */
  async make(password: string): Promise<string | null> {
    return this.#gate.pass(EVERYBODY, 1, () => hashPassword(password));
  }

  /** @param stored null where there is no account: then it is wrong, after the same time */
  async check(password: string, stored: string | null): Promise<PasswordCheck> {
    const fits = await this.#gate.pass(EVERYBODY, 1, () => verify(stored ?? NOBODYS_HASH, normal(password)));
    if (fits === null) return 'busy';
    return fits && stored !== null ? 'right' : 'wrong';
  }
}

/** The hash of a password, at once; for the command, which makes one. */
export function hashPassword(password: string): Promise<string> {
  return hash(normal(password), OPTIONS);
}

/** Whether a hash was made with other costs than today's. */
export function isOutdated(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(stored);
  return memoryCost !== MEMORY_KIB || timeCost !== PASSES || parallelism !== LANES;
}

/** One form for what different keyboards send for the same characters (NIST SP 800-63B, 3.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC');
}
