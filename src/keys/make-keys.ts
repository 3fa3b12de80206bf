import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { certificateThumbprint, type Environment } from '@tax-control/protocol';
import { FIRST_SEQUENCE } from './key-directory.js';
import { type CertificateName, type CertificateRequest, makeCertificate } from './make-certificate.js';
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

/** RFC 5280, appendix A. What counts of a longer host name stands among the alternative names. */
const COMMON_NAME_LENGTH_MAX = 64;
const DEFAULT_HOST = 'localhost';

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
  const { notBefore, notAfter } = lifeFrom(now, AUTHORITY_LIFE_MS);
  const subject = subjectIn(environment);

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
      ...(await makeTerminalListener({ environment, hosts, now }, issuer)),
      ...(await makePublicListener({ environment, hosts, now })),
    ],
  };
}

/** Key and certificate of the terminals' listener: also for host names that come later. */
export async function makeTerminalListener(
  { environment, hosts, now }: KeysRequest,
  issuer: NonNullable<CertificateRequest['issuer']>,
): Promise<KeyFile[]> {
  const key = newKey();
  const life = lifeFrom(now, AUTHORITY_LIFE_MS);
  const authorityEnd = Date.parse(new X509Certificate(issuer.certificate).validTo);
  const notAfter = new Date(Math.min(life.notAfter.getTime(), authorityEnd));
  const subject = subjectIn(environment)(hosts[0] ?? DEFAULT_HOST);
  const der = await makeCertificate({ purpose: 'server', subject, key, ...life, notAfter, hosts, issuer });
  return listenerFiles('terminal-listener', der, key);
}

async function makePublicListener({ environment, hosts, now }: KeysRequest): Promise<KeyFile[]> {
  const key = newKey();
  const subject = subjectIn(environment)(hosts[0] ?? DEFAULT_HOST);
  const life = lifeFrom(now, WEB_CERTIFICATE_LIFE_MS);
  return listenerFiles(
    'public-listener',
    await makeCertificate({ purpose: 'server', subject, key, ...life, hosts }),
    key,
  );
}

function listenerFiles(folder: string, certificate: Buffer, key: KeyObject): KeyFile[] {
  return [
    { path: `${folder}/certificate.pem`, content: certificatePem(certificate) },
    { path: `${folder}/key.pem`, content: keyPem(key) },
  ];
}

function lifeFrom(now: Date, lifeMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) };
}

function subjectIn(environment: Environment): (commonName: string) => CertificateName {
  const unit = environment === 'test' ? { organizationalUnits: [TEST_UNIT] } : {};
  return (commonName) => ({
    commonName: commonName.slice(0, COMMON_NAME_LENGTH_MAX),
    organization: 'Tax control server',
    ...unit,
  });
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
