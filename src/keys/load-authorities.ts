import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { certificateThumbprint, readCertificatesPem, vouchedAuthorities } from '@tax-control/protocol';
import type { KeyMaterial, KeyPair } from './key-custody.js';
import { EARLIER_CERTIFICATE, type KeyDirectory, type KeyPairFiles } from './key-directory.js';
import { KeyFilesError } from './key-files-error.js';
import { listFolder } from './list-folder.js';
import { publicJwk } from './public-key.js';
import { readCertificate, readPrivateKey, readPublicFile } from './secret-file.js';

/** What the folder of the authorities gives. */
export type Authorities = Pick<KeyMaterial, 'authority' | 'nextAuthority' | 'earlierAuthorities' | 'links'>;

/** Reads the authorities and the links between them; throws KeyFilesError where one does not fit the others. */
export function loadAuthorities(paths: KeyDirectory): Authorities {
  const authority = readAuthority(paths.authority);
  const nextAuthority = existsSync(paths.nextAuthority.certificate) ? readAuthority(paths.nextAuthority) : null;
  const next = basename(paths.nextAuthority.certificate);
  const earlierAuthorities = listFolder(paths.authorities)
    .filter((name) => name.endsWith(EARLIER_CERTIFICATE) && name !== next)
    .map((name) => readAuthorityCertificate(join(paths.authorities, name)));
  const links = existsSync(paths.links) ? readLinks(paths.links) : [];
  const others = [...earlierAuthorities, ...(nextAuthority === null ? [] : [nextAuthority.certificate])];
  requireVouched(paths.links, authority.certificate, others, links);
  return { authority, nextAuthority, earlierAuthorities, links };
}

/** All authorities that are trusted, the issuing one first, the staged one last. */
export function trustedAuthorities({ authority, nextAuthority, earlierAuthorities }: Authorities): X509Certificate[] {
  return [authority.certificate, ...earlierAuthorities, ...(nextAuthority === null ? [] : [nextAuthority.certificate])];
}

/** The links that lead from a certificate to every authority that a reader may trust, nearest first; none leads back. */
export function linksFrom(certificate: X509Certificate, links: readonly X509Certificate[]): X509Certificate[] {
  const found: X509Certificate[] = [];
  for (let from: X509Certificate | undefined = certificate, next = 0; from !== undefined; from = found[next++]) {
    const one = from;
    const follows = (link: X509Certificate) =>
      one.verify(link.publicKey) && !found.some((other) => link === other || link.verify(other.publicKey));
    for (const link of links) if (follows(link)) found.push(link);
  }
  return found;
}

function readAuthority({ certificate: certificatePath, key: keyPath }: KeyPairFiles): KeyPair {
  const key = readPrivateKey(keyPath);
  const certificate = readAuthorityCertificate(certificatePath);
  if (!certificate.checkPrivateKey(key)) throw doNotFit(certificatePath, keyPath);
  publicJwk(key);
  return { certificate, key };
}

/** Two files of which one is of another pair. */
export function doNotFit(certificatePath: string, keyPath: string): KeyFilesError {
  return new KeyFilesError(
    `${certificatePath} is not the certificate of ${keyPath}. Restore the two that belong together.`,
  );
}

function readAuthorityCertificate(path: string): X509Certificate {
  const certificate = readCertificate(path);
  if (!certificate.ca) throw new KeyFilesError(`${path} is not the certificate of an authority (basicConstraints).`);
  return certificate;
}

function readLinks(path: string): X509Certificate[] {
  try {
    return readCertificatesPem(readPublicFile(path));
  } catch (error) {
    if (error instanceof KeyFilesError) throw error;
    throw new KeyFilesError(`${path} does not hold certificates in PEM. Restore it from your backup.`);
  }
}

/** A till that trusts one of them must be led to the one that issues: otherwise it would be turned away by its own caution. */
function requireVouched(
  path: string,
  issuing: X509Certificate,
  others: readonly X509Certificate[],
  links: readonly X509Certificate[],
): void {
  for (const other of others)
    if (vouchedAuthorities([other], [issuing, ...links]).length === 0)
      throw new KeyFilesError(
        `${path} has no link by which the authority ${certificateThumbprint(other)} vouches for the one that issues; ` +
          'tills that know only the former would trust the server no longer. Restore it from your backup.',
      );
}
