import type { X509Certificate } from 'node:crypto';
import { X509Certificate as Certificate } from 'node:crypto';
import { certificateThumbprint, LINKS_MAX } from '@tax-control/protocol';
import { DirectoryCustody } from './directory-custody.js';
import type { KeyMaterial } from './key-custody.js';
import { EARLIER_CERTIFICATE } from './key-directory.js';
import { KeyFilesError } from './key-files-error.js';
import {
  certificatePem,
  type KeyFile,
  keyPem,
  madeAt,
  makeAuthority,
  makeLink,
  makeSigningCertificate,
} from './make-parts.js';
import { placeFiles, replaceFolder } from './write-keys.js';

/** A certificate of its own, and a link in each direction. */
const MADE_BY_STAGING = 3;

/**
 * First step: makes an authority that will issue, and has it made known to the tills. Old and new vouch for each other, so that a till
 * that knows only one of them comes to trust the other by itself, whenever it comes.
 */
export async function stageAuthority(root: string, now: Date): Promise<{ readonly digest: string }> {
  const { environment, authority, nextAuthority, earlierAuthorities, links } = new DirectoryCustody(root).load();
  if (nextAuthority !== null)
    throw new KeyFilesError(
      `The authority ${certificateThumbprint(nextAuthority.certificate)} is made known already. Let it issue: tax-control keys activate authority`,
    );
  if (1 + earlierAuthorities.length + links.length + MADE_BY_STAGING > LINKS_MAX)
    throw new KeyFilesError(
      `There are ${earlierAuthorities.length + 1} authorities already, and tills look at no more. ` +
        'Make a new set of keys, as after a theft: docs/operating/rotate-keys.md',
    );
  const made = await makeAuthority(environment, now, authority.certificate);
  const next = { certificate: new Certificate(made.certificate), key: made.key };
  const newLinks = [await makeLink(next.certificate, authority, now), await makeLink(authority.certificate, next, now)];
  // The certificate last: with it there the rest is expected.
  await placeFiles(root, [
    { path: 'ca/links.pem', content: [...links.map(String), ...newLinks.map(certificatePem)].join('') },
    { path: 'ca/next-key.pem', content: keyPem(next.key) },
    { path: 'ca/next-certificate.pem', content: certificatePem(made.certificate) },
  ]);
  return { digest: certificateThumbprint(made.certificate) };
}

/** What an authority was replaced by, and under which name its folder, with its private key, was kept. */
export interface ActivatedAuthority {
  readonly digest: string;
  readonly before: string;
  readonly keptIn: string;
}

/**
 * Second step: the staged authority issues from now on, and issues anew the signing certificate. What was issued before stays good.
 * Each of the two steps leaves a set that fits.
 * @throws KeyFilesError when none is staged
 */
export async function activateAuthority(root: string, now: Date): Promise<ActivatedAuthority> {
  const material = new DirectoryCustody(root).load();
  const { authority, nextAuthority, nextSigning, environment, signing } = material;
  if (nextAuthority === null)
    throw new KeyFilesError('No authority is staged. Make one known first: tax-control keys stage authority');
  const issuer = { certificate: nextAuthority.certificate.raw, key: nextAuthority.key };
  const folder = await replaceFolder(
    root,
    'ca',
    filesOfAuthorities(material, nextAuthority.certificate, issuer.key),
    now,
  );
  const certificateOf = async ({ key }: KeyMaterial['signing'], at: Date): Promise<string> =>
    certificatePem(await makeSigningCertificate(environment, key, issuer, at));
  await placeFiles(root, [
    { path: 'signing-certificate.pem', content: await certificateOf(signing, now) },
    ...(nextSigning === null
      ? []
      : // A key that is made known already need not wait anew.
        [
          {
            path: 'next-signing-certificate.pem',
            content: await certificateOf(nextSigning, madeAt(nextSigning.certificate)),
          },
        ]),
  ]);
  return {
    digest: certificateThumbprint(nextAuthority.certificate),
    before: certificateThumbprint(authority.certificate),
    keptIn: folder,
  };
}

function filesOfAuthorities(
  { authority, earlierAuthorities, links }: KeyMaterial,
  issuing: X509Certificate,
  key: KeyMaterial['signing']['key'],
): KeyFile[] {
  const earlier = [authority.certificate, ...earlierAuthorities].map((certificate) => ({
    path: `ca/${certificateThumbprint(certificate)}${EARLIER_CERTIFICATE}`,
    content: certificate.toString(),
  }));
  return [
    { path: 'ca/certificate.pem', content: issuing.toString() },
    { path: 'ca/key.pem', content: keyPem(key) },
    { path: 'ca/links.pem', content: links.map(String).join('') },
    ...earlier,
  ];
}
