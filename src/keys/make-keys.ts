import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { certificateThumbprint, type Environment } from '@tax-control/protocol';
import { FIRST_SEQUENCE } from './key-directory.js';
import { makeCertificate } from './make-certificate.js';
import { publicJwk } from './public-key.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const YEAR_MS = 365 * DAY_MS;

/**
 * Life of the authority and of what it issues to the server itself. Tills trust nothing but the pinned authority, and
 * one certificate that ran out would shut every till of the country on the same morning; so they last longer than the
 * hardware, and are replaced on purpose, not by a date.
 */
const AUTHORITY_LIFE_MS = 20 * YEAR_MS;

/** Life of the web certificate for trying out: browsers refuse longer ones. */
const WEB_CERTIFICATE_LIFE_MS = 397 * DAY_MS;

/** How far back certificates of the server begin: a till whose clock lags by a day still reaches it and is told so. */
const BACKDATED_MS = DAY_MS;

const MAC_KEY_BYTES = 32;

/** Name of the authority; the organizational unit marks everything of the test environment. */
export const TEST_UNIT = 'test';

/** @property hosts names and addresses under which tills and browsers reach the listeners */
export interface KeysRequest {
  readonly environment: Environment;
  readonly hosts: readonly string[];
  readonly now: Date;
}

/** A file to be written, its path relative to the keys directory. */
export interface KeyFile {
  readonly path: string;
  readonly content: string;
}

/** What was made, for people: digest of the authority (as in invitations), kid of the receipt key. */
export interface MadeKeys {
  readonly files: readonly KeyFile[];
  readonly caDigest: string;
  readonly receiptKeyId: string;
}

/** Makes a whole set of keys and certificates in memory. */
export async function makeKeys({ environment, hosts, now }: KeysRequest): Promise<MadeKeys> {
  const unit = environment === 'test' ? { organizationalUnits: [TEST_UNIT] } : {};
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  const notAfter = new Date(notBefore.getTime() + AUTHORITY_LIFE_MS);
  const subject = (commonName: string) => ({ commonName, organization: 'Tax control server', ...unit });

  const authorityKey = newKey();
  const authority = await makeCertificate({
    purpose: 'authority',
    subject: subject('Tax control authority'),
    key: authorityKey,
    notBefore,
    notAfter,
  });
  const issuer = { certificate: authority, key: authorityKey };

  const signingKey = newKey();
  const { kid } = publicJwk(signingKey);
  const signing = await makeCertificate({
    purpose: 'signing',
    subject: subject(`Tax control signing ${kid}`),
    key: signingKey,
    notBefore,
    notAfter,
    issuer,
  });

  const terminalKey = newKey();
  const commonName = hosts[0] ?? 'localhost';
  const terminalListener = await makeCertificate({
    purpose: 'server',
    subject: subject(commonName),
    key: terminalKey,
    notBefore,
    notAfter,
    hosts,
    issuer,
  });

  const webKey = newKey();
  const publicListener = await makeCertificate({
    purpose: 'server',
    subject: subject(commonName),
    key: webKey,
    notBefore,
    notAfter: new Date(notBefore.getTime() + WEB_CERTIFICATE_LIFE_MS),
    hosts,
  });

  return {
    caDigest: certificateThumbprint(authority),
    receiptKeyId: kid,
    files: [
      { path: 'ca/certificate.pem', content: certificatePem(authority) },
      { path: 'ca/key.pem', content: keyPem(authorityKey) },
      { path: `receipt-signing/${kid}.pem`, content: keyPem(signingKey) },
      { path: 'signing-certificate.pem', content: certificatePem(signing) },
      {
        path: `mac/${FIRST_SEQUENCE[environment]}.key`,
        content: `${randomBytes(MAC_KEY_BYTES).toString('base64url')}\n`,
      },
      { path: 'terminal-listener/certificate.pem', content: certificatePem(terminalListener) },
      { path: 'terminal-listener/key.pem', content: keyPem(terminalKey) },
      { path: 'public-listener/certificate.pem', content: certificatePem(publicListener) },
      { path: 'public-listener/key.pem', content: keyPem(webKey) },
    ],
  };
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** DER → PEM (RFC 7468): 64 characters a line. */
export function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
