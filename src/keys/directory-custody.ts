import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  type Environment,
  type PublicKey,
  decodeBase64Url,
  isIssuedBy,
  SIGNING_KEY_USAGE_OID,
} from '@tax-control/protocol';
import type { KeyCustody, KeyMaterial, KeyPair, ListenerMaterial, MacKey } from './key-custody.js';
import { readHosts } from './hosts.js';
import { FIRST_SEQUENCE, type KeyDirectory, keyDirectory, type KeyPairFiles } from './key-directory.js';
import { KeyFilesError } from './key-files-error.js';
import { listFolder } from './list-folder.js';
import { type Authorities, doNotFit, loadAuthorities, trustedAuthorities } from './load-authorities.js';
import { lookAt } from './look-at.js';
import { TEST_DESCRIPTION } from './make-parts.js';
import { publicJwk } from './public-key.js';
import { readCertificate, readPrivateKey, readPublicFile, readSecretFile } from './secret-file.js';

const MAC_KEY_BYTES = 32;
const MAC_KEY_NAME = /^(0|[1-9][0-9]{0,11})\.key$/;

/** Keys in a directory as `tax-control keys init` makes it. */
export class DirectoryCustody implements KeyCustody {
  private readonly paths: KeyDirectory;
  private readonly publicListener: KeyPairFiles;

  /** @param publicListener the real web certificate of a production server, in place of the one for trying out */
  constructor(root: string, publicListener?: KeyPairFiles) {
    this.paths = keyDirectory(root);
    this.publicListener = publicListener ?? this.paths.publicListener;
  }

  load(): KeyMaterial {
    const authorities = this.loadAuthorities();
    const environment = environmentOf(authorities.authority.certificate);
    return {
      environment,
      ...authorities,
      ...this.loadSigning(authorities),
      macKeys: this.loadMacKeys(environment),
      terminalHosts: this.loadHosts(),
      publicListener: loadListener(this.publicListener),
    };
  }

  loadAuthorities(): ReturnType<typeof loadAuthorities> {
    return loadAuthorities(this.paths);
  }

  /** @throws KeyFilesError when the file is missing, or names no hosts */
  loadHosts(): readonly string[] {
    return readHosts(this.paths.terminalHosts);
  }

  look(): string {
    const { authorities, receiptSigning, mac, publicListener } = this.paths;
    const { signingCertificate, nextSigningCertificate, terminalHosts } = this.paths;
    const listeners = [publicListener, this.publicListener];
    return lookAt(
      [authorities, receiptSigning, mac],
      [
        signingCertificate,
        nextSigningCertificate,
        terminalHosts,
        ...listeners.flatMap(({ certificate, key }) => [certificate, key]),
      ],
    );
  }

  private loadSigning(authorities: Authorities): Pick<KeyMaterial, 'signing' | 'nextSigning' | 'trustedKeys'> {
    const { signingCertificate, nextSigningCertificate, receiptSigning } = this.paths;
    const signing = this.readSigning(signingCertificate, authorities);
    const nextSigning = existsSync(nextSigningCertificate)
      ? this.readSigning(nextSigningCertificate, authorities)
      : null;
    const current = publicJwk(signing.certificate.publicKey);
    const others = listFolder(receiptSigning)
      .filter((name) => name.endsWith('.pem') && name !== `${current.kid}.pem`)
      .map((name) => readTrustedKey(join(receiptSigning, name)));
    return { signing, nextSigning, trustedKeys: [current, ...others] };
  }

  private readSigning(path: string, authorities: Authorities): KeyPair {
    const certificate = readCertificate(path);
    const isOurs = isIssuedBy(certificate, [], trustedAuthorities(authorities));
    if (!isOurs || !certificate.keyUsage?.includes(SIGNING_KEY_USAGE_OID))
      throw new KeyFilesError(`${path} was not issued for signing by the authority in ca/.`);
    const keyPath = join(this.paths.receiptSigning, `${publicJwk(certificate.publicKey).kid}.pem`);
    const key = readPrivateKey(keyPath);
    requireFit(certificate, key, path, keyPath);
    return { certificate, key };
  }

  private loadMacKeys(environment: Environment): MacKey[] {
    const keys = listFolder(this.paths.mac).map((name) => readMacKey(join(this.paths.mac, name)));
    keys.sort((a, b) => a.firstSequence - b.firstSequence);
    const first = FIRST_SEQUENCE[environment];
    if (!keys.some((key) => key.firstSequence === first))
      throw new KeyFilesError(`${join(this.paths.mac, `${first}.key`)} is missing. Restore it from your backup.`);
    return keys;
  }
}

function loadListener({ certificate, key }: KeyPairFiles): ListenerMaterial {
  requireFit(readCertificate(certificate), readPrivateKey(key), certificate, key);
  const material = { cert: readPublicFile(certificate), key: readSecretFile(key) };
  requireUsable(material, certificate);
  return material;
}

/** What stands behind the first certificate of a file is looked at by TLS alone, and by then the other keys would be in use. */
function requireUsable(material: ListenerMaterial, certificatePath: string): void {
  try {
    createSecureContext(material);
  } catch {
    throw new KeyFilesError(
      `${certificatePath} cannot be used for TLS: a certificate behind its first one is cut off or damaged. Put the whole chain there again.`,
    );
  }
}

function requireFit(certificate: X509Certificate, key: KeyObject, certificatePath: string, keyPath: string): void {
  if (!certificate.checkPrivateKey(key)) throw doNotFit(certificatePath, keyPath);
}

/** The environment is written into the authority's name, so that a set of keys cannot be taken for the other kind. */
function environmentOf(authority: X509Certificate): Environment {
  return authority.subject.split('\n').includes(`description=${TEST_DESCRIPTION}`) ? 'test' : 'production';
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
