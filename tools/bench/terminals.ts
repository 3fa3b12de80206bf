// @peculiar/x509 needs the polyfill before it is loaded.
import 'reflect-metadata';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { Client } from 'pg';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const TAXPAYER = 'bench-taxpayer';
const PREMISES = 'bench-premises';

/** A till of the bench: plain data, so that it can be handed to another process. */
export interface BenchTerminal {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** base64url SHA-256 of the certificate: `x5t#S256`. */
  readonly thumbprint: string;
}

/**
 * Registers terminals and gives them certificates, with the authority's own key and straight in the database: enrolling each by the front
 * door would take longer than the measurement, and none of it is measured.
 */
export async function makeTerminals(
  count: number,
  keysDirectory: string,
  superuserUrl: string,
): Promise<BenchTerminal[]> {
  const authority = await readAuthority(keysDirectory);
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1, $2)', [TAXPAYER, 'Bench']);
    await client.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address) VALUES ($1, $2, 'Bench', 'North', 'retail', 'Road 1')`,
      [PREMISES, TAXPAYER],
    );
    const terminals: BenchTerminal[] = [];
    for (let index = 1; index <= count; index += 1)
      terminals.push(await makeTerminal(`bench-till-${String(index).padStart(3, '0')}`, authority, client));
    return terminals;
  } finally {
    await client.end();
  }
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function readAuthority(keysDirectory: string): Promise<Authority> {
  const pem = await readFile(join(keysDirectory, 'ca', 'certificate.pem'), 'utf8');
  const key = createPrivateKey(await readFile(join(keysDirectory, 'ca', 'key.pem')));
  return { certificate: new x509.X509Certificate(pem), key: await importPrivateKey(key) };
}

async function makeTerminal(terminalId: string, authority: Authority, client: Client): Promise<BenchTerminal> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [notBefore, notAfter] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + DAY_MS)];
  const serial = randomUUID().replaceAll('-', '').replace(/^./, '1');
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: new x509.Name([{ CN: [terminalId] }, { O: [TAXPAYER] }]),
    issuer: authority.certificate.subjectName,
    notBefore,
    notAfter,
    publicKey: await importPublicKey(publicKey),
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  const der = Buffer.from(certificate.rawData);
  const thumbprint = createHash('sha256').update(der).digest('base64url');
  await client.query('INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, $2, $3)', [
    terminalId,
    PREMISES,
    TAXPAYER,
  ]);
  await client.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)`,
    [thumbprint, terminalId, serial, der, notBefore, notAfter],
  );
  return {
    terminalId,
    taxpayerId: TAXPAYER,
    premisesId: PREMISES,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificate.toString('pem'),
    thumbprint,
  };
}

function importPrivateKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign']);
}

function importPublicKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), ALGORITHM, true, ['verify']);
}
