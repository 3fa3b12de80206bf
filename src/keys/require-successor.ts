import { X509Certificate } from 'node:crypto';
import { certificateThumbprint } from '@tax-control/protocol';
import type { KeyMaterial } from './key-custody.js';
import { KeyFilesError } from './key-files-error.js';
import { trustedAuthorities } from './load-authorities.js';

/**
 * Refuses keys that would take back what was issued with the present ones: each receipt key, MAC key and authority must still be there.
 * A start asks for less, since then nobody knows what there was before.
 * @throws KeyFilesError that says what is missing
 */
export function requireSuccessor(present: KeyMaterial, next: KeyMaterial, now: Date): void {
  if (present.environment !== next.environment)
    throw new KeyFilesError(`The keys are of the ${next.environment} environment; the server runs in the other one.`);
  for (const { kid } of present.trustedKeys)
    if (!next.trustedKeys.some((key) => key.kid === kid))
      throw gone(`The receipt key ${kid}`, `receipt-signing/${kid}.pem`);
  for (const { firstSequence, key } of present.macKeys)
    if (next.macKeys.find((one) => one.firstSequence === firstSequence)?.key.equals(key) !== true)
      throw gone(`The MAC key of the numbers from ${firstSequence}`, `mac/${firstSequence}.key`);
  const authorities = new Set(trustedAuthorities(next).map(certificateThumbprint));
  for (const authority of trustedAuthorities(present).map(certificateThumbprint))
    if (!authorities.has(authority)) throw gone(`The authority ${authority}`, 'its certificate in ca/');
  if (present.publicListener.cert !== next.publicListener.cert) requireInForce(next.publicListener.cert, now);
}

function gone(what: string, file: string): KeyFilesError {
  return new KeyFilesError(
    `${what} is there no longer or has changed, and what was issued with it could not be verified. Restore ${file} from your backup.`,
  );
}

/** A new certificate that ran out would be a mistake; the present one may have, and then nothing else shall wait for it. */
function requireInForce(pem: string, now: Date): void {
  const { validTo } = new X509Certificate(pem);
  if (Date.parse(validTo) < now.getTime())
    throw new KeyFilesError(
      `The certificate of the public listener ran out on ${validTo}. Put one in its place that is valid.`,
    );
}
