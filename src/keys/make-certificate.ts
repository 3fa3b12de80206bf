// @peculiar/x509 needs the polyfill before it is loaded.
import 'reflect-metadata';
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { SIGNING_KEY_USAGE_OID } from '@tax-control/protocol';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * Bytes of a serial number: 128 bits, of which two are fixed (RFC 5280, 4.1.2.2: positive; and never shortened by a
 * leading zero). 126 random bits: at a billion certificates the chance of one collision is below 10^-20.
 */
const SERIAL_BYTES = 16;

/** What a certificate is for; it decides the extensions. */
export type CertificatePurpose = 'authority' | 'signing' | 'server' | 'terminal';

export interface CertificateName {
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Everything of the test environment says so here: no other attribute means anything else there. */
  readonly description?: string;
}

/**
 * @property subject `sameAs`: the subject of a certificate (DER), byte for byte
 * @property hosts names and IP addresses (subject alternative names); of servers only
 * @property issuer who signs; left out: the key signs itself, and then `key` must be private
 */
export interface CertificateRequest {
  readonly purpose: CertificatePurpose;
  readonly subject: CertificateName | { readonly sameAs: Uint8Array };
  readonly key: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly hosts?: readonly string[];
  readonly issuer?: { readonly certificate: Uint8Array; readonly key: KeyObject };
}

/** Makes an X.509 certificate of a P-256 key (RFC 5280), signed with ECDSA and SHA-256; returns its DER bytes. */
export async function makeCertificate(request: CertificateRequest): Promise<Buffer> {
  const publicKey = await importPublicKey(request.key);
  const subject =
    'sameAs' in request.subject
      ? new x509.X509Certificate(Buffer.from(request.subject.sameAs)).subjectName
      : new x509.Name(nameParts(request.subject));
  const authority = request.issuer && new x509.X509Certificate(Buffer.from(request.issuer.certificate));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer: authority?.subjectName ?? subject,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey,
    signingKey: await importPrivateKey(request.issuer?.key ?? request.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...purposeExtensions(request),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority?.publicKey ?? publicKey),
    ],
  });
  return Buffer.from(certificate.rawData);
}

function randomSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}

/** RFC 5280 leaves `description` to X.520 (6.4.1); the library knows it by number alone. */
const DESCRIPTION_OID = '2.5.4.13';

function nameParts({ commonName, organization, organizationalUnit, description }: CertificateName): x509.JsonName {
  return [
    { CN: [commonName] },
    ...(organization === undefined ? [] : [{ O: [organization] }]),
    ...(organizationalUnit === undefined ? [] : [{ OU: [organizationalUnit] }]),
    ...(description === undefined ? [] : [{ [DESCRIPTION_OID]: [description] }]),
  ];
}

function purposeExtensions({ purpose, hosts = [] }: CertificateRequest): x509.Extension[] {
  if (purpose === 'authority')
    return [
      // Path length 0: it certifies tills and servers, never another authority.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ];
  const usage = {
    signing: SIGNING_KEY_USAGE_OID,
    server: x509.ExtendedKeyUsage.serverAuth,
    terminal: x509.ExtendedKeyUsage.clientAuth,
  }[purpose];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage], purpose === 'signing'),
    ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(generalName))]),
  ];
}

function generalName(host: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(host) === 0 ? 'dns' : 'ip', value: host };
}

function importPublicKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']);
}

function importPrivateKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}
