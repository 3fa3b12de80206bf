import type { Pool, PoolClient } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { inTransaction } from '../database/transaction.js';
import { Gate } from '../http/gate.js';
import type { KeyRing } from '../keys/key-ring.js';
import { addressKey } from '../configuration/address-key.js';
import type { RateLimit, TerminalLimits } from '../rate-limits/rate-limits.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import { listCertificates, readCertificateBytes } from '../registry/certificates.js';
import { isIdentifier } from '../registry/identifier.js';
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
import { countWrongTry, findInvitation, lockInvitation, secretDigest, useInvitation } from './invitations.js';
import { judgeInvitation } from './judge-invitation.js';
import { namesTerminal, readSigningRequest, type SigningRequestResult } from './signing-request.js';

/**
 * Wrong secrets of one address before the next ones are not counted at the terminal any more and wait. The bound protects the
 * database, not the secrets. A person who copies strings by hand for a row of tills errs less often.
 */
export const WRONG_SECRETS: RateLimit = { name: 'enrolment_secret', tries: 30, windowSeconds: 600 };

/** The terminal that a till says it is, and the secret of its invitation (HTTP Basic, RFC 7030, 3.2.3). */
export interface Credentials {
  readonly terminalId: string;
  readonly secret: string;
}

/** First certificates: a secret of the operator's for a certificate. */
export class Enrolment {
  private readonly gate = new Gate(CERTIFICATE_GATE);

  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly settings: EnrolmentSettings,
    private readonly recoveryLog: RecoveryLog,
    private readonly limits: TerminalLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives the terminal a certificate for the key of the request. Idempotent by secret and key: the same two get the same
   * certificate again, however often an answer was lost. Who does not know the secret learns nothing else, not even
   * whether there is such a terminal; the request is not even read.
   * @param body PKCS #10 in base64
   * @throws OutcomeUnknown and the driver's errors: ask again with the same key
   */
  async enrol({ terminalId, secret }: Credentials, body: unknown, visitor: Visitor): Promise<EnrolmentResult> {
    // The look-up takes the digest of 192 random bits: how long it takes tells nothing about the secret.
    const invitationId = isIdentifier(terminalId)
      ? await findInvitation(this.pool, terminalId, secretDigest(secret))
      : null;
    if (invitationId === null) return this.refuseSecret(terminalId, visitor);
    const reading = await readSigningRequest(body);
    const enrolled = await this.gate.pass(terminalId, 1, () =>
      inTransaction(this.pool, (client) =>
        this.enrolIn(client, { terminalId, secret }, { invitationId, reading, visitor }),
      ),
    );
    return enrolled ?? refusedWith('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
  }

  /** A wrong secret, or none. A right one is never kept waiting, whatever else comes from its address. */
  async refuseSecret(terminalId: string | null, { address }: Visitor): Promise<EnrolmentResult> {
    const taken = await this.limits.take(WRONG_SECRETS, addressKey(address));
    if (!taken.allowed) return refusedWith('too_many_requests', { retryAfterMs: taken.retryAfterMs });
    if (terminalId !== null && isIdentifier(terminalId)) await countWrongTry(this.pool, terminalId);
    return refusedWith('enrolment_secret_wrong');
  }

  private async enrolIn(
    client: PoolClient,
    { terminalId, secret }: Credentials,
    { invitationId, reading, visitor }: EnrolmentRequest,
  ): Promise<EnrolmentResult> {
    const invitation = await lockInvitation(client, invitationId);
    const judgement = judgeInvitation(reading.ok ? reading.request.keyDigest : null, invitation);
    if (judgement.result === 'used') return refusedWith('enrolment_secret_used');
    if (judgement.result === 'expired') return refusedWith('enrolment_secret_expired');
    const terminal = await findTerminal(client, terminalId);
    if (terminal === null) throw new Error('an invitation belongs to no terminal');
    if (terminal.status === 'revoked') return refusedWith('terminal_revoked');
    if (!reading.ok) return { result: 'refused', problem: reading.problem };
    const { request } = reading;
    if (!namesTerminal(request, terminalId)) return refusedWith('csr_name_mismatch');
    if (judgement.result === 'repeated') return issuedBefore(client, terminalId, judgement.thumbprint);
    const origin = { way: 'enrolment', parent: null } as const;
    const now = new Date(this.clock.now());
    const draft = { terminal, key: request.key, origin, visitor, now };
    const issued = await certify(client, this.keys, this.settings, draft);
    const { thumbprint } = issued;
    await useInvitation(client, invitationId, request.keyDigest, thumbprint);
    await this.recoveryLog.append(certificateEntry(issued, now), {
      kind: 'invitation_used',
      at: now.toISOString(),
      terminalId,
      secretDigest: secretDigest(secret).toString('base64url'),
      keyDigest: request.keyDigest.toString('base64url'),
      thumbprint,
    });
    return certified(issued.der);
  }
}

interface EnrolmentRequest {
  readonly invitationId: string;
  readonly reading: SigningRequestResult;
  readonly visitor: Visitor;
}

async function issuedBefore(client: PoolClient, terminalId: string, thumbprint: string): Promise<EnrolmentResult> {
  const certificates = await listCertificates(client, terminalId);
  if (certificates.some((one) => one.thumbprint === thumbprint && one.revokedAt !== null))
    return refusedWith('certificate_revoked');
  const bytes = (await readCertificateBytes(client, [thumbprint])).get(thumbprint);
  if (bytes === undefined) throw new Error('an invitation was used for a certificate that is not on file');
  return certified(bytes);
}
