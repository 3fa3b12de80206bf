import { DirectoryCustody } from './directory-custody.js';
import { KeyFilesError } from './key-files-error.js';
import { certificatePem, keyPem, madeAt, makeSigningCertificate, newKey } from './make-parts.js';
import { publicJwk } from './public-key.js';
import { moveFile, placeFiles } from './write-keys.js';

/**
 * How long something new is made known before it is used, milliseconds. Tills ask for their parameters every quarter of an hour, and the
 * list of keys for everybody may be kept for an hour. Who has not heard of it asks when he meets it, and that costs a sale some
 * milliseconds: so it is a courtesy to the fleet, and may be left out in an emergency.
 */
export const MADE_KNOWN_MS = 60 * 60 * 1000;

/** First step: makes a key that will sign, and has it made known to the tills. Nothing signs with it yet. */
export async function stageSigningKey(root: string, now: Date): Promise<{ readonly kid: string }> {
  const { environment, authority, nextSigning } = new DirectoryCustody(root).load();
  if (nextSigning !== null)
    throw new KeyFilesError(
      `The key ${publicJwk(nextSigning.key).kid} is made known already. Let it sign: tax-control keys activate signing-key`,
    );
  const key = newKey();
  const { kid } = publicJwk(key);
  const issuer = { certificate: authority.certificate.raw, key: authority.key };
  const certificate = await makeSigningCertificate(environment, key, issuer, now);
  // The key first: a certificate without its key would be refused.
  await placeFiles(root, [
    { path: `receipt-signing/${kid}.pem`, content: keyPem(key) },
    { path: 'next-signing-certificate.pem', content: certificatePem(certificate) },
  ]);
  return { kid };
}

/**
 * Second step: the staged key signs from now on. One file changes its name, so there is no moment between.
 * @throws KeyFilesError when none is staged
 */
export async function activateSigningKey(root: string): Promise<{ readonly kid: string; readonly before: string }> {
  const { nextSigning, trustedKeys } = new DirectoryCustody(root).load();
  if (nextSigning === null)
    throw new KeyFilesError('No signing key is staged. Make one known first: tax-control keys stage signing-key');
  await moveFile(root, 'next-signing-certificate.pem', 'signing-certificate.pem');
  return { kid: publicJwk(nextSigning.key).kid, before: trustedKeys[0].kid };
}

/** For how long something has been made known, milliseconds; null when nothing is staged. */
export function madeKnownFor(root: string, what: 'authority' | 'signing-key', now: Date): number | null {
  const { nextAuthority, nextSigning } = new DirectoryCustody(root).load();
  const staged = what === 'authority' ? nextAuthority : nextSigning;
  // A machine whose clock was ahead may have made it: then nobody knows, and it counts as made just now.
  return staged === null ? null : Math.max(0, now.getTime() - madeAt(staged.certificate).getTime());
}
