import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { certificatePem } from '../../src/keys/make-parts.js';
import { makeCertificate } from '../../src/keys/make-certificate.js';
import type { ServerPlace } from './server.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A till for tests: registered, with key and certificate, without the ceremony of enrolment. */
export interface TestTerminal {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly key: KeyObject;
  /** PEM, as node:https takes them. */
  readonly keyPem: string;
  readonly certificatePem: string;
  /** base64url SHA-256 of the certificate: `x5t#S256`. */
  readonly thumbprint: string;
}

export interface TestTerminalOptions {
  readonly terminalId?: string;
  readonly premisesId?: string;
  readonly taxpayerId?: string;
  readonly status?: 'active' | 'suspended' | 'revoked';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Certificate made, but nothing registered. */
  readonly unregistered?: boolean;
  readonly certificateRevoked?: boolean;
}

type Ground = Pick<ServerPlace, 'keysDirectory' | 'superuser'>;

/** Makes a terminal with its certificate, and its taxpayer and premises where they are new. */
export async function makeTerminal(ground: Ground, options: TestTerminalOptions = {}): Promise<TestTerminal> {
  const terminalId = options.terminalId ?? `till-${randomUUID().slice(0, 8)}`;
  const taxpayerId = options.taxpayerId ?? 'taxpayer-1';
  const premisesId = options.premisesId ?? `premises-of-${taxpayerId}`;
  const certified = await certify(ground.keysDirectory, terminalId, taxpayerId, options);
  const terminal: TestTerminal = { terminalId, taxpayerId, premisesId, ...certified };
  if (options.unregistered !== true) await register(ground, terminal, options);
  return terminal;
}

/** A further certificate of a terminal's name, of this server's authority; not registered. */
export async function certify(
  keysDirectory: string,
  terminalId: string,
  taxpayerId: string,
  { notBefore, notAfter }: Pick<TestTerminalOptions, 'notBefore' | 'notAfter'> = {},
): Promise<Pick<TestTerminal, 'key' | 'keyPem' | 'certificatePem' | 'thumbprint'>> {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const authority = new X509Certificate(await readFile(join(keysDirectory, 'ca', 'certificate.pem')));
  const der = await makeCertificate({
    purpose: 'terminal',
    subject: { commonName: terminalId, organization: taxpayerId },
    key,
    notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
    issuer: {
      certificate: authority.raw,
      key: createPrivateKey(await readFile(join(keysDirectory, 'ca', 'key.pem'))),
    },
  });
  return {
    key,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificatePem(der),
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  };
}

async function register({ superuser }: Ground, terminal: TestTerminal, options: TestTerminalOptions): Promise<void> {
  const { terminalId, taxpayerId, premisesId } = terminal;
  await superuser.query('INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    taxpayerId,
    `Shop of ${taxpayerId}`,
  ]);
  await superuser.query(
    `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     VALUES ($1, $2, 'Corner shop', 'North', 'Grocery', 'High Street 1') ON CONFLICT DO NOTHING`,
    [premisesId, taxpayerId],
  );
  await superuser.query(
    `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id, status) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [terminalId, premisesId, taxpayerId, options.status ?? 'active'],
  );
  await registerCertificate({ superuser }, terminal, options.certificateRevoked);
}

/** Files a certificate as one of its terminal's. */
export async function registerCertificate(
  { superuser }: Pick<Ground, 'superuser'>,
  terminal: Pick<TestTerminal, 'terminalId' | 'certificatePem' | 'thumbprint'>,
  isRevoked = false,
): Promise<void> {
  const certificate = new X509Certificate(terminal.certificatePem);
  await superuser.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, revoked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      terminal.thumbprint,
      terminal.terminalId,
      certificate.serialNumber,
      certificate.raw,
      certificate.validFrom,
      certificate.validTo,
      isRevoked ? new Date() : null,
    ],
  );
}
