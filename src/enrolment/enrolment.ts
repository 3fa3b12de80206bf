import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../database/transaction.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import { listCertificates, readCertificateBytes } from '../registry/certificates.js';
import { isIdentifier } from '../registry/identifier.js';
import { findTerminal } from '../registry/terminals.js';
import {
  certificateEntry,
  certified,
  certify,
  type EnrolmentResult,
  type EnrolmentSettings,
  refusedWith,
} from './certify.js';
import { countWrongTry, lockInvitations, useInvitation } from './invitations.js';
import { judgeSecret } from './judge-secret.js';
import { namesTerminal, readSigningRequest, type SigningRequestResult } from './signing-request.js';

/**
 * Wrong secrets after which an invitation is locked (each terminal's own, in the database, for all instances together).
 * A person who copies a string by hand errs once or twice; a sixth try is somebody else's.
 */
export const WRONG_TRIES_MAX = 5;

/** The terminal that a till says it is, and the secret of its invitation (HTTP Basic, RFC 7030, 3.2.3). */
export interface Credentials {
  readonly terminalId: string;
  readonly secret: string;
}

/** First certificates: a secret of the operator's for a certificate. */
export class Enrolment {
  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly settings: EnrolmentSettings,
    private readonly recoveryLog: RecoveryLog,
  ) {}

  /**
   * Gives the terminal a certificate for the key of the request. Idempotent by secret and key: the same two get the same
   * certificate again, however often an answer was lost. Who does not know the secret learns nothing else, not even
   * whether there is such a terminal.
   * @param body PKCS #10 in base64
   * @throws OutcomeUnknown and the driver's errors: ask again with the same key
   */
  async enrol({ terminalId, secret }: Credentials, body: unknown): Promise<EnrolmentResult> {
    if (!isIdentifier(terminalId)) return refusedWith('enrolment_secret_wrong');
    const reading = await readSigningRequest(body);
    return inTransaction(this.pool, (client) => this.enrolIn(client, terminalId, secret, reading));
  }

  private async enrolIn(
    client: PoolClient,
    terminalId: string,
    secret: string,
    reading: SigningRequestResult,
  ): Promise<EnrolmentResult> {
    const invitations = await lockInvitations(client, terminalId);
    const judgement = judgeSecret(secret, reading.ok ? reading.request.keyDigest : null, invitations);
    switch (judgement.result) {
      case 'wrong':
        if (judgement.countAgainst !== null)
          await countWrongTry(client, judgement.countAgainst.invitationId, WRONG_TRIES_MAX);
        return refusedWith('enrolment_secret_wrong');
      case 'locked':
        return refusedWith('enrolment_locked');
      case 'used':
        return refusedWith('enrolment_secret_used');
      case 'expired':
        return refusedWith('enrolment_secret_expired');
      case 'good':
      case 'repeated':
        break;
    }
    const terminal = await findTerminal(client, terminalId);
    if (terminal === null) throw new Error('an invitation belongs to no terminal');
    if (terminal.status === 'revoked') return refusedWith('terminal_revoked');
    if (!reading.ok) return { result: 'refused', problem: reading.problem };
    const { request } = reading;
    if (!namesTerminal(request, terminalId)) return refusedWith('csr_name_mismatch');
    if (judgement.result === 'repeated') return issuedBefore(client, terminalId, judgement.thumbprint);

    const issued = await certify(client, this.keys, this.settings, terminal, request.key);
    const { thumbprint } = issued;
    await useInvitation(client, judgement.invitation.invitationId, request.keyDigest, thumbprint);
    await this.recoveryLog.append(certificateEntry(issued), {
      kind: 'invitation_used',
      at: new Date().toISOString(),
      terminalId,
      secretDigest: judgement.invitation.secretDigest.toString('base64url'),
      keyDigest: request.keyDigest.toString('base64url'),
      thumbprint,
    });
    return certified(issued.der);
  }
}

async function issuedBefore(client: PoolClient, terminalId: string, thumbprint: string): Promise<EnrolmentResult> {
  const certificates = await listCertificates(client, terminalId);
  if (certificates.some((one) => one.thumbprint === thumbprint && one.revokedAt !== null))
    return refusedWith('certificate_revoked');
  const bytes = (await readCertificateBytes(client, [thumbprint])).get(thumbprint);
  if (bytes === undefined) throw new Error('an invitation was used for a certificate that is not on file');
  return certified(bytes);
}
