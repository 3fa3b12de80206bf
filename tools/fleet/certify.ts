// @peculiar/x509 needs the polyfill before it is loaded.
import 'reflect-metadata';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** The authority of an installation, with its key: for tools that need more tills than anybody wants to enrol. */
export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** @param names of the subject: terminal, taxpayer, premises */
export interface CertificateOrder {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A new key and its certificate. */
export interface Certified {
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly der: Buffer;
  readonly serial: string;
  /** base64url SHA-256 of the certificate: `x5t#S256`. */
  readonly thumbprint: string;
}

export async function readAuthority(keysDirectory: string): Promise<Authority> {
  const pem = await readFile(join(keysDirectory, 'ca', 'certificate.pem'), 'utf8');
  const key = createPrivateKey(await readFile(join(keysDirectory, 'ca', 'key.pem')));
  return { certificate: new x509.X509Certificate(pem), key: await importPrivateKey(key) };
}

/** Makes a key and has it certified as enrolment would, without asking the server. */
export async function certify(authority: Authority, order: CertificateOrder): Promise<Certified> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomUUID().replaceAll('-', '').replace(/^./, '1');
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: new x509.Name([{ CN: [order.terminalId] }, { O: [order.taxpayerId] }, { OU: [order.premisesId] }]),
    issuer: authority.certificate.subjectName,
    notBefore: order.notBefore,
    notAfter: order.notAfter,
    publicKey: await importPublicKey(publicKey),
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  const der = Buffer.from(certificate.rawData);
  return {
    key: privateKey,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificate.toString('pem'),
    der,
    serial,
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  };
}

function importPrivateKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign']);
}

function importPublicKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), ALGORITHM, true, ['verify']);
}
