import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, X509Certificates } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** A new private key on P-256 as PEM (PKCS #8). It never leaves the till. */
export function makeKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A certificate signing request (PKCS #10) in base64, as EST wants it (RFC 7030, 4.2.1). */
export async function makeCertificateRequest(keyPem: string, terminalId: string): Promise<string> {
  const { subtle } = webcrypto;
  const privateKey = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  const publicKey = createPublicKey(keyPem).export({ type: 'spki', format: 'der' });
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${terminalId}`,
    keys: {
      privateKey: await subtle.importKey('pkcs8', privateKey, ALGORITHM, false, ['sign']),
      publicKey: await subtle.importKey('spki', publicKey, ALGORITHM, true, ['verify']),
    },
    signingAlgorithm: SIGNING,
  });
  return request.toString('base64');
}

/** The certificates of a certs-only PKCS #7 in base64 (RFC 7030, 4.1.3) as PEM; null when it is none. */
export function readCertificates(base64: string): string[] | null {
  try {
    return [...new X509Certificates(base64.replaceAll(/\s/g, ''))].map(
      (certificate) => `${certificate.toString('pem')}\n`,
    );
  } catch {
    return null;
  }
}
