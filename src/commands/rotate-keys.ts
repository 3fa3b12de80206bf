import type { Clock } from '@tax-control/protocol';
import { readKeysSettings } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { activateAuthority, stageAuthority } from '../keys/rotate-authority.js';
import { MAC_KEY_AHEAD, MAC_KEY_AHEAD_MIN, stageMacKey } from '../keys/rotate-mac-key.js';
import { activateSigningKey, MADE_KNOWN_MS, madeKnownFor, stageSigningKey } from '../keys/rotate-signing-key.js';
import { readPresentNumber } from '../ledger/present-number.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type Outcome, refused } from './outcome.js';

export type Staged = 'signing-key' | 'authority' | 'mac-key';
export type Activated = Exclude<Staged, 'mac-key'>;

export interface StageOptions {
  readonly directory?: string;
  readonly ahead?: string;
}

export interface ActivateOptions {
  readonly directory?: string;
  readonly now: boolean;
}

const MINUTE_MS = 60_000;
const WHOLE_NUMBER = /^[1-9][0-9]{0,11}$/;

/** `keys stage` */
export async function stageKey(
  what: Staged,
  { directory: stated, ahead }: StageOptions,
  clock: Clock,
): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  if (what === 'mac-key') return stageMac(directory, ahead);
  if (ahead !== undefined) return misused('--ahead belongs to mac-key only.');
  const next =
    'Servers that run have it made known within seconds (their log says: keys taken), and tills learn it by themselves. ' +
    `In an hour or later: tax-control keys activate ${what}`;
  if (what === 'authority') {
    const { digest } = await stageAuthority(directory, new Date(clock.now()));
    return done({ directory, what, digest }, `Made the authority ${digest}; it issues nothing yet. ${next}`);
  }
  const { kid } = await stageSigningKey(directory, new Date(clock.now()));
  return done({ directory, what, kid }, `Made the signing key ${kid}; it signs nothing yet. ${next}`);
}

async function stageMac(directory: string, stated = String(MAC_KEY_AHEAD)): Promise<Outcome> {
  if (!WHOLE_NUMBER.test(stated) || Number(stated) < MAC_KEY_AHEAD_MIN)
    return misused(
      `--ahead must be a whole number from ${MAC_KEY_AHEAD_MIN} on, or an instance might get it too late.`,
    );
  const { environment } = new DirectoryCustody(directory).load();
  return withDatabase(async (pool) => {
    const present = await readPresentNumber(pool, environment);
    const firstSequence = present + Number(stated);
    await stageMacKey(directory, firstSequence);
    return done(
      { directory, what: 'mac-key', firstSequence, present },
      `Made a MAC key for the numbers from ${firstSequence} on; the present one is ${present}. ` +
        'It needs no second step. Every server must have it before that number is reached: they take it within seconds ' +
        '(their log says: keys taken); copy it at once where a server has a directory of its own.',
    );
  });
}

/** `keys activate` */
export async function activateKey(
  what: Activated,
  { directory: stated, now: atOnce }: ActivateOptions,
  clock: Clock,
): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  const now = new Date(clock.now());
  const knownFor = madeKnownFor(directory, what, now);
  if (!atOnce && knownFor !== null && knownFor < MADE_KNOWN_MS)
    return refused(
      `It was made known ${Math.floor(knownFor / MINUTE_MS)} minutes ago, and tills need up to an hour to hear of it. ` +
        `Wait, or say --now: then each till that has not heard of it asks at its next sale, and loses nothing.`,
    );
  if (what === 'signing-key') {
    const { kid, before } = await activateSigningKey(directory);
    return done({ directory, what, kid, before }, `${kid} signs now. What ${before} signed stays good for ever.`);
  }
  const { digest, before, keptIn } = await activateAuthority(directory, now);
  return done(
    { directory, what, digest, before, keptIn },
    `The authority ${digest} issues now, and issued anew the signing certificate. Servers that run make their own certificates with it within seconds. Certificates of ${before} stay good until they end. ` +
      `Its private key is in ${keptIn}: take that folder away to a safe place, or destroy it; nothing needs it any more.`,
  );
}
