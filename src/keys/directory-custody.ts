import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Environment, type PublicKey, decodeBase64Url, SIGNING_KEY_USAGE_OID } from '@tax-control/protocol';
import type { KeyCustody, KeyMaterial, ListenerMaterial, MacKey } from './key-custody.js';
import { type KeyDirectory, keyDirectory, FIRST_SEQUENCE, type ListenerFiles } from './key-directory.js';
import { KeyFilesError } from './key-files-error.js';
import { TEST_UNIT } from './make-keys.js';
import { publicJwk } from './public-key.js';
import { readCertificate, readPrivateKey, readPublicFile, readSecretFile } from './secret-file.js';

const MAC_KEY_BYTES = 32;
const MAC_KEY_NAME = /^(0|[1-9][0-9]{0,11})\.key$/;

/** Keys in a directory as `tax-control keys init` makes it. */
export class DirectoryCustody implements KeyCustody {
  private readonly paths: KeyDirectory;

  /** @param publicListener the real web certificate of a production server, in place of the one for trying out */
  constructor(
    root: string,
    private readonly publicListener?: ListenerFiles,
  ) {
    this.paths = keyDirectory(root);
  }

  load(): KeyMaterial {
    const authority = this.loadAuthority();
    const environment = environmentOf(authority.certificate);
    const { signing, trustedKeys } = this.loadSigning(authority.certificate);
    return {
      environment,
      authority,
      signing,
      trustedKeys,
      macKeys: this.loadMacKeys(environment),
      terminalListener: this.loadTerminalListener(authority.certificate),
      publicListener: loadListener(this.publicListener ?? this.paths.publicListener),
    };
  }

  private loadAuthority(): KeyMaterial['authority'] {
    const { authorityCertificate, authorityKey } = this.paths;
    const key = readPrivateKey(authorityKey);
    const certificate = readCertificate(authorityCertificate);
    requireFit(certificate, key, authorityCertificate, authorityKey);
    publicJwk(key);
    if (!certificate.ca)
      throw new KeyFilesError(`${authorityCertificate} is not the certificate of an authority (basicConstraints).`);
    return { certificate, key };
  }

  private loadSigning(authority: X509Certificate): Pick<KeyMaterial, 'signing' | 'trustedKeys'> {
    const { signingCertificate, receiptSigning } = this.paths;
    const certificate = readCertificate(signingCertificate);
    if (!certificate.verify(authority.publicKey) || !certificate.keyUsage?.includes(SIGNING_KEY_USAGE_OID))
      throw new KeyFilesError(`${signingCertificate} was not issued for signing by the authority in ca/.`);
    const current = publicJwk(certificate.publicKey);
    const others = listFolder(receiptSigning)
      .filter((name) => name.endsWith('.pem') && name !== `${current.kid}.pem`)
      .map((name) => readTrustedKey(join(receiptSigning, name)));
    const keyPath = join(receiptSigning, `${current.kid}.pem`);
    const key = readPrivateKey(keyPath);
    requireFit(certificate, key, signingCertificate, keyPath);
    return { signing: { certificate, key }, trustedKeys: [current, ...others] };
  }

  private loadMacKeys(environment: Environment): MacKey[] {
    const keys = listFolder(this.paths.mac).map((name) => readMacKey(join(this.paths.mac, name)));
    keys.sort((a, b) => a.firstSequence - b.firstSequence);
    const first = FIRST_SEQUENCE[environment];
    if (!keys.some((key) => key.firstSequence === first))
      throw new KeyFilesError(`${join(this.paths.mac, `${first}.key`)} is missing. Restore it from your backup.`);
    return keys;
  }

  private loadTerminalListener(authority: X509Certificate): ListenerMaterial {
    const { certificate } = this.paths.terminalListener;
    if (!readCertificate(certificate).verify(authority.publicKey))
      throw new KeyFilesError(`${certificate} was not issued by the authority in ca/; no till would trust it.`);
    return loadListener(this.paths.terminalListener);
  }
}

function loadListener({ certificate, key }: ListenerFiles): ListenerMaterial {
  requireFit(readCertificate(certificate), readPrivateKey(key), certificate, key);
  return { cert: readPublicFile(certificate), key: readSecretFile(key) };
}

function requireFit(certificate: X509Certificate, key: KeyObject, certificatePath: string, keyPath: string): void {
  if (!certificate.checkPrivateKey(key))
    throw new KeyFilesError(
      `${certificatePath} is not the certificate of ${keyPath}. Restore the two that belong together.`,
    );
}

/** The environment is written into the authority's name, so that a set of keys cannot be taken for the other kind. */
function environmentOf(authority: X509Certificate): Environment {
  return authority.subject.split('\n').includes(`OU=${TEST_UNIT}`) ? 'test' : 'production';
}

function listFolder(path: string): string[] {
  try {
    // Orchestrators put hidden bookkeeping beside the files of a mounted secret.
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    // The files in it are then reported missing one by one, with what to do.
    return [];
  }
}

/** A key that signs no longer is kept for checking: its private half, or just the public one. */
function readTrustedKey(path: string): PublicKey {
  const pem = readSecretFile(path);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new KeyFilesError(`${path} is neither a private nor a public key in PEM. Restore it, or move it elsewhere.`);
  }
  const jwk = publicJwk(key);
  if (`${jwk.kid}.pem` !== basename(path))
    throw new KeyFilesError(`${path} contains another key than its name says; it should be named ${jwk.kid}.pem.`);
  return jwk;
}

function readMacKey(path: string): MacKey {
  const firstSequence = MAC_KEY_NAME.exec(basename(path))?.[1];
  const key = firstSequence === undefined ? null : decodeBase64Url(readSecretFile(path).trim());
  if (key?.length !== MAC_KEY_BYTES)
    throw new KeyFilesError(
      `${path} is not a MAC key (a file <first sequence number>.key with 32 bytes in base64url). ` +
        `Restore it from your backup, or move it elsewhere.`,
    );
  return { firstSequence: Number(firstSequence), key };
}
