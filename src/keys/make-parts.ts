import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { Environment } from '@tax-control/protocol';
import type { KeyPair } from './key-custody.js';
import { type CertificateName, type CertificateRequest, makeCertificate } from './make-certificate.js';
import { publicJwk } from './public-key.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const YEAR_MS = 365 * DAY_MS;

/**
 * Life of the authority and of the certificate by which tills believe what the server signs. Tills trust nothing but the pinned
 * authority, and one of these that ran out would shut every till of the country on the same morning; so they last longer than the
 * hardware, and are replaced on purpose, not by a date.
 */
const AUTHORITY_LIFE_MS = 20 * YEAR_MS;

/**
 * Life of the certificate that the terminals' listener shows, milliseconds: for so long a stolen one can pass for the server. Tills judge
 * it by their own clocks, so it is longer than a month: one whose month was set wrong by one still sells.
 */
export const TERMINAL_LISTENER_LIFE_MS = 45 * DAY_MS;

/** Life of the web certificate for trying out: browsers refuse longer ones. */
const WEB_CERTIFICATE_LIFE_MS = 397 * DAY_MS;

/** How far back certificates of the server begin: a till whose clock lags by a day still reaches it and is told so. */
const BACKDATED_MS = DAY_MS;

/** RFC 5280, appendix A. What counts of a longer host name stands among the alternative names. */
const COMMON_NAME_LENGTH_MAX = 64;
const DEFAULT_HOST = 'localhost';

/** The `description` in the subject of every certificate of the test environment. */
export const TEST_DESCRIPTION = 'test';

/** What says the environment in a certificate's subject; nothing says production. */
export function environmentMark(environment: Environment): Pick<CertificateName, 'description'> {
  return environment === 'test' ? { description: TEST_DESCRIPTION } : {};
}

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

type Issuer = NonNullable<CertificateRequest['issuer']>;

/** A key and its certificate, made a moment ago. */
export interface MadePair {
  readonly certificate: Buffer;
  readonly key: KeyObject;
}

/** A new authority. @param successorTo the one that it is to replace; it takes over its name, which links between them need */
export async function makeAuthority(
  environment: Environment,
  now: Date,
  successorTo?: X509Certificate,
): Promise<MadePair> {
  const key = newKey();
  const subject =
    successorTo === undefined ? subjectIn(environment)('Tax control authority') : { sameAs: successorTo.raw };
  const certificate = await makeCertificate({
    purpose: 'authority',
    subject,
    key,
    ...lifeFrom(now, AUTHORITY_LIFE_MS),
  });
  return { certificate, key };
}

/** By which one authority vouches for another of its name: the other's key, certified by it (RFC 4210, 4.4.1). */
export function makeLink(to: X509Certificate, { certificate, key }: KeyPair, now: Date): Promise<Buffer> {
  const { notBefore } = lifeFrom(now, AUTHORITY_LIFE_MS);
  return makeCertificate({
    purpose: 'authority',
    subject: { sameAs: to.raw },
    key: to.publicKey,
    notBefore,
    notAfter: earlier(endOf(to), endOf(certificate)),
    issuer: { certificate: certificate.raw, key },
  });
}

/** The certificate by which tills believe what the server signs with a key. */
export function makeSigningCertificate(
  environment: Environment,
  key: KeyObject,
  issuer: Issuer,
  now: Date,
): Promise<Buffer> {
  const subject = subjectIn(environment)(`Tax control signing ${publicJwk(key).kid}`);
  return makeCertificate({ purpose: 'signing', subject, key, ...lifeUnder(issuer, now), issuer });
}

/**
 * Key and certificate of the terminals' listener. It begins when the authority does: a till whose clock is behind believes it for as
 * long as it believes the authority.
 */
export async function issueTerminalListener(
  { environment, hosts, now }: KeysRequest,
  issuer: KeyPair,
): Promise<MadePair> {
  const key = newKey();
  const { certificate: authority } = issuer;
  const certificate = await makeCertificate({
    purpose: 'server',
    subject: subjectIn(environment)(hosts[0] ?? DEFAULT_HOST),
    key,
    notBefore: new Date(authority.validFrom),
    notAfter: earlier(new Date(now.getTime() + TERMINAL_LISTENER_LIFE_MS), endOf(authority)),
    hosts,
    issuer: { certificate: authority.raw, key: issuer.key },
  });
  return { certificate, key };
}

/** Key and certificate of the public listener, which signs itself: for trying out, and behind a proxy that has a real one. */
export async function makePublicListener({ environment, hosts, now }: KeysRequest): Promise<KeyFile[]> {
  const key = newKey();
  const subject = subjectIn(environment)(hosts[0] ?? DEFAULT_HOST);
  const life = lifeFrom(now, WEB_CERTIFICATE_LIFE_MS);
  const der = await makeCertificate({ purpose: 'server', subject, key, ...life, hosts });
  return [
    { path: 'public-listener/certificate.pem', content: certificatePem(der) },
    { path: 'public-listener/key.pem', content: keyPem(key) },
  ];
}

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

export function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** DER → PEM (RFC 7468): 64 characters a line. */
export function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

interface CertificateLife {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function lifeFrom(now: Date, lifeMs: number): CertificateLife {
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) };
}

/** As long as the authority's, but never beyond its end. */
function lifeUnder({ certificate }: Issuer, now: Date): CertificateLife {
  const { notBefore, notAfter } = lifeFrom(now, AUTHORITY_LIFE_MS);
  return { notBefore, notAfter: earlier(notAfter, endOf(new X509Certificate(certificate))) };
}

/** When one of the certificates above was made. It says so itself: the times of its file change with every copy. */
export function madeAt(certificate: X509Certificate): Date {
  return new Date(Date.parse(certificate.validFrom) + BACKDATED_MS);
}

function endOf(certificate: X509Certificate): Date {
  return new Date(certificate.validTo);
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function subjectIn(environment: Environment): (commonName: string) => CertificateName {
  return (commonName) => ({
    commonName: commonName.slice(0, COMMON_NAME_LENGTH_MAX),
    organization: 'Tax control server',
    ...environmentMark(environment),
  });
}
