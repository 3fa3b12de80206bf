import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type Answer, call } from '../support/client.js';
import type { ServerPlace } from '../support/server.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A till before it has a certificate: a key of its own, and requests for it. */
export interface Applicant {
  readonly keyPem: string;
  /** PKCS #10 in base64; without a name the subject is empty. */
  request(name?: string): Promise<string>;
}

export async function makeApplicant(algorithm: object = P256): Promise<Applicant> {
  const keys = await webcrypto.subtle.generateKey(algorithm as typeof P256, true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    request: async (name) => {
      const signingAlgorithm = algorithm as typeof P256;
      const named = name === undefined ? {} : { name };
      const made = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm, ...named });
      return made.toString('base64');
    },
  };
}

/** `simpleenroll` with HTTP Basic. */
export function enrol(place: ServerPlace, terminalId: string, secret: string, request: string): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${terminalId}:${secret}`).toString('base64')}`;
  const headers = { 'content-type': 'application/pkcs10', authorization };
  return call(place, '/.well-known/est/simpleenroll', { body: request, headers });
}

/** `simplereenroll` with a certificate. */
export function renew(
  place: ServerPlace,
  terminal: { readonly keyPem: string; readonly certificatePem: string },
  request: string,
): Promise<Answer> {
  const headers = { 'content-type': 'application/pkcs10' };
  return call(place, '/.well-known/est/simplereenroll', { body: request, headers, terminal });
}

/** The one certificate of a certs-only answer. */
export function certificateOf(answer: Answer): X509Certificate {
  if (answer.status !== 200) throw new Error(`no certificate but ${answer.status}: ${answer.text}`);
  const certificates = [...new x509.X509Certificates(answer.text.replaceAll(/\s/g, ''))];
  if (certificates.length !== 1 || certificates[0] === undefined)
    throw new Error(`${certificates.length} certificates`);
  return new X509Certificate(Buffer.from(certificates[0].rawData));
}
