import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { inTransaction } from '../database/transaction.js';
import { Gate } from '../http/gate.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import {
  listCertificates,
  lockCertificates,
  readCertificateBytes,
  type TerminalCertificate,
} from '../registry/certificates.js';
import { findTerminal } from '../registry/terminals.js';
import { BUSY_RETRY_AFTER_MS, CERTIFICATE_GATE } from './certificate-gate.js';
import {
  certificateEntry,
  certified,
  certify,
  type EnrolmentResult,
  type EnrolmentSettings,
  refusedWith,
  type Visitor,
} from './certify.js';
import { namesTerminal, readSigningRequest, type SigningRequest } from './signing-request.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A till renews once a year; a till that asks for more in a day is broken, and each one is kept for ever. */
const CERTIFICATES_A_DAY_MAX = 10;

/** A certificate with more of its life left than this is given again instead of a new one for the same key. */
const LIFE_LEFT_MIN = 0.5;

/** The certificate that a caller showed, and whose it is. */
export interface ShownCertificate {
  readonly terminalId: string;
  readonly thumbprint: string;
}

/** Renewal: a certificate for a certificate. */
export class Renewal {
  /** Each waits for a lock in a session of the database, and sales need sessions too. */
  private readonly gate = new Gate(CERTIFICATE_GATE);

  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly settings: EnrolmentSettings,
    private readonly recoveryLog: RecoveryLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives an authenticated terminal (its certificate may have expired lately, it may be suspended) a certificate for the key of
   * the request. Older certificates go on verifying what they signed. Asking again with the same key gives the same one.
   * @param body PKCS #10 in base64
   * @throws OutcomeUnknown and the driver's errors: ask again with the same key
   */
  async renew(shown: ShownCertificate, body: unknown, visitor: Visitor): Promise<EnrolmentResult> {
    const reading = await readSigningRequest(body);
    if (!reading.ok) return { result: 'refused', problem: reading.problem };
    if (!namesTerminal(reading.request, shown.terminalId)) return refusedWith('csr_name_mismatch');
    const renewed = await this.gate.pass(shown.terminalId, 1, () =>
      inTransaction(this.pool, (client) => this.renewIn(client, shown, reading.request, visitor)),
    );
    return renewed ?? refusedWith('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
  }

  private async renewIn(
    client: PoolClient,
    { terminalId, thumbprint }: ShownCertificate,
    { key }: SigningRequest,
    visitor: Visitor,
  ): Promise<EnrolmentResult> {
    // One renewal of a terminal after the other: the second finds what the first one got.
    await lockCertificates(client, terminalId);
    const terminal = await findTerminal(client, terminalId);
    if (terminal === null) return refusedWith('terminal_unknown');
    if (terminal.status === 'revoked') return refusedWith('terminal_revoked');
    const certificates = await listCertificates(client, terminalId);
    // What was known of the certificate when the request was admitted is up to half a second old.
    if (certificates.some((one) => one.thumbprint === thumbprint && one.revokedAt !== null))
      return refusedWith('certificate_revoked');
    const sameKey = await certificatesOfKey(client, key, certificates);
    const nowMs = this.clock.now();
    const good = certificates.find((one) => hasLifeLeft(one, nowMs) && sameKey.has(one.thumbprint));
    const again = good === undefined ? undefined : sameKey.get(good.thumbprint);
    if (again !== undefined) return certified(again);
    const today = certificates.filter(({ issuedAt }) => issuedAt.getTime() > nowMs - DAY_MS);
    if (today.length >= CERTIFICATES_A_DAY_MAX)
      return refusedWith('too_many_requests', { retryAfterMs: DAY_MS, allowed: CERTIFICATES_A_DAY_MAX });
    const way = sameKey.has(thumbprint) ? 'renewal_same_key' : 'renewal_new_key';
    const now = new Date(nowMs);
    const draft = { terminal, key, origin: { way, parent: thumbprint }, visitor, now } as const;
    const issued = await certify(client, this.keys, this.settings, draft);
    await this.recoveryLog.append(certificateEntry(issued, now));
    return certified(issued.der);
  }
}

function hasLifeLeft({ notBefore, notAfter, revokedAt, way }: TerminalCertificate, nowMs: number): boolean {
  // One that was shown again opens no connection.
  if (way === 'shown_again') return false;
  const left = (notAfter.getTime() - nowMs) / (notAfter.getTime() - notBefore.getTime());
  return revokedAt === null && left > LIFE_LEFT_MIN;
}

/** Those of some certificates that are for a key, with their DER bytes, by thumbprint. */
async function certificatesOfKey(
  client: PoolClient,
  key: KeyObject,
  certificates: readonly TerminalCertificate[],
): Promise<Map<string, Buffer>> {
  const thumbprints = certificates.map(({ thumbprint }) => thumbprint);
  const bytes = await readCertificateBytes(client, thumbprints);
  return new Map([...bytes].filter(([, der]) => new X509Certificate(der).publicKey.equals(key)));
}
