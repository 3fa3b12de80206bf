import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509Certificates,
} from '@peculiar/x509';
import { certificateThumbprint, SIGNING_KEY_USAGE_OID, type SigningIdentity } from '@tax-control/protocol';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const LIFE_MS = 365 * DAY_MS;
/** A signing certificate outlives the clocks of specs. */
const DECADES = 50;

export interface Life {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface TerminalNames {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
}

interface CertificateOrder extends Life {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Extension[];
}

/** A certificate authority for specs, with keys of its own: another one of it is an impostor. */
export class TestAuthority {
  private constructor(
    private readonly key: KeyObject,
    readonly pem: string,
    private readonly certificate: X509Certificate,
  ) {}

  static async make(): Promise<TestAuthority> {
    const { privateKey, publicKey } = keyPair();
    const certificate = await makeCertificate(privateKey, 'CN=Test authority', {
      subject: 'CN=Test authority',
      publicKey,
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    });
    return new TestAuthority(privateKey, `${certificate.toString('pem')}\n`, certificate);
  }

  /** As an invitation names it. */
  get digest(): string {
    return certificateThumbprint(Buffer.from(this.certificate.rawData));
  }

  /** What EST answers to `cacerts`. */
  get certificates(): string {
    return new X509Certificates([this.certificate]).toString('base64');
  }

  async server(life: Life = {}, hosts: readonly JsonGeneralName[] = LOOPBACK): Promise<KeyAndCertificate> {
    const { privateKey, publicKey } = keyPair();
    const extensions = [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([...hosts]),
    ];
    const certificate = await this.#issue({ subject: 'CN=server', publicKey, extensions, ...life });
    return { key: pemOf(privateKey), certificate: `${certificate.toString('pem')}\n` };
  }

  async terminal(names: TerminalNames, publicKey: KeyObject, life: Life = {}): Promise<X509Certificate> {
    const subject = `CN=${names.terminalId},O=${names.taxpayerId},OU=${names.premisesId}`;
    const extensions = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])];
    return this.#issue({ subject, publicKey, extensions, ...life });
  }

  async terminalPem(names: TerminalNames, publicKey: KeyObject, life: Life = {}): Promise<string> {
    return `${(await this.terminal(names, publicKey, life)).toString('pem')}\n`;
  }

  async signingIdentity(key: KeyObject): Promise<SigningIdentity> {
    const extensions = [new ExtendedKeyUsageExtension([SIGNING_KEY_USAGE_OID])];
    const certificate = await this.#issue({
      subject: 'CN=signing',
      publicKey: createPublicKey(pemOf(key)),
      extensions,
      notAfter: new Date(Date.now() + DECADES * LIFE_MS),
    });
    return { key, x5c: [Buffer.from(certificate.rawData).toString('base64')] };
  }

  #issue(order: CertificateOrder): Promise<X509Certificate> {
    return makeCertificate(this.key, 'CN=Test authority', order);
  }
}

const LOOPBACK: readonly JsonGeneralName[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' },
];

export function keyPair(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function makeCertificate(
  issuerKey: KeyObject,
  issuer: string,
  order: CertificateOrder,
): Promise<X509Certificate> {
  const { subtle } = webcrypto;
  const spki = order.publicKey.export({ type: 'spki', format: 'der' });
  const pkcs8 = issuerKey.export({ type: 'pkcs8', format: 'der' });
  const now = Date.now();
  return X509CertificateGenerator.create({
    serialNumber: `40${randomBytes(15).toString('hex')}`,
    subject: order.subject,
    issuer,
    notBefore: order.notBefore ?? new Date(now - DAY_MS),
    notAfter: order.notAfter ?? new Date(now + LIFE_MS),
    publicKey: await subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
    signingKey: await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    signingAlgorithm: SIGNING,
    extensions: [...order.extensions],
  });
}
