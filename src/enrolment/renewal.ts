import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../database/transaction.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import { listCertificates, readCertificateBytes, type TerminalCertificate } from '../registry/certificates.js';
import { findTerminal } from '../registry/terminals.js';
import {
  certificateEntry,
  certified,
  certify,
  type EnrolmentResult,
  type EnrolmentSettings,
  refusedWith,
} from './certify.js';
import { namesTerminal, readSigningRequest, type SigningRequest } from './signing-request.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A till renews once a year; a till that asks for more in a day is broken, and each one is kept for ever. */
const CERTIFICATES_A_DAY_MAX = 10;

/** A certificate with more of its life left than this is given again instead of a new one for the same key. */
const LIFE_LEFT_MIN = 0.5;

/** Renewal: a certificate for a certificate. */
export class Renewal {
  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly settings: EnrolmentSettings,
    private readonly recoveryLog: RecoveryLog,
  ) {}

  /**
   * Gives an authenticated terminal (its certificate may have expired, it may be suspended) a certificate for the key of
   * the request. Older certificates go on verifying what they signed. Asking again with the same key gives the same one.
   * @param body PKCS #10 in base64
   * @throws OutcomeUnknown and the driver's errors: ask again with the same key
   */
  async renew(terminalId: string, body: unknown): Promise<EnrolmentResult> {
    const reading = await readSigningRequest(body);
    if (!reading.ok) return { result: 'refused', problem: reading.problem };
    if (!namesTerminal(reading.request, terminalId)) return refusedWith('csr_name_mismatch');
    return inTransaction(this.pool, (client) => this.renewIn(client, terminalId, reading.request));
  }

  private async renewIn(client: PoolClient, terminalId: string, { key }: SigningRequest): Promise<EnrolmentResult> {
    // One renewal of a terminal after the other: the second finds what the first one got.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('renewal'), hashtext($1))`, [terminalId]);
    const terminal = await findTerminal(client, terminalId);
    if (terminal === null) return refusedWith('terminal_unknown');
    if (terminal.status === 'revoked') return refusedWith('terminal_revoked');
    const certificates = await listCertificates(client, terminalId);
    const again = await findCertificateOf(client, key, certificates.filter(hasLifeLeft));
    if (again !== null) return certified(again);
    const today = certificates.filter(({ issuedAt }) => issuedAt.getTime() > Date.now() - DAY_MS);
    if (today.length >= CERTIFICATES_A_DAY_MAX)
      return refusedWith('too_many_requests', { retryAfterMs: DAY_MS, allowed: CERTIFICATES_A_DAY_MAX });
    const issued = await certify(client, this.keys, this.settings, terminal, key);
    await this.recoveryLog.append(certificateEntry(issued));
    return certified(issued.der);
  }
}

function hasLifeLeft({ notBefore, notAfter, revokedAt }: TerminalCertificate): boolean {
  const left = (notAfter.getTime() - Date.now()) / (notAfter.getTime() - notBefore.getTime());
  return revokedAt === null && left > LIFE_LEFT_MIN;
}

async function findCertificateOf(
  client: PoolClient,
  key: KeyObject,
  certificates: readonly TerminalCertificate[],
): Promise<Buffer | null> {
  const bytes = await readCertificateBytes(
    client,
    certificates.map(({ thumbprint }) => thumbprint),
  );
  return [...bytes.values()].find((der) => new X509Certificate(der).publicKey.equals(key)) ?? null;
}
