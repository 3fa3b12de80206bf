import { X509Certificate } from 'node:crypto';
import {
  type CertificateAnswer,
  certificateThumbprint,
  type Clock,
  problem,
  type Problem,
} from '@tax-control/protocol';
import type { Pool, PoolClient } from 'pg';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import { commonNameOf, isIssuedToClient } from '../authentication/peer.js';
import { inTransaction } from '../database/transaction.js';
import { Gate } from '../http/gate.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { EntryOf } from '../recovery-log/entries.js';
import { readRecoveryLog } from '../recovery-log/read-recovery-log.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import { BriefCache } from '../registry/brief-cache.js';
import { addForgottenCertificate, type ForgottenCertificate, lockCertificates } from '../registry/certificates.js';
import { BUSY_RETRY_AFTER_MS, CERTIFICATE_GATE } from './certificate-gate.js';
import { certificateEntry, type Visitor } from './certify.js';

/**
 * How long the revocations of the recovery log are remembered. After a restore a whole fleet may show certificates, and reading the log takes
 * up to a second; a certificate that is not on file can't be revoked meanwhile.
 */
const REVOCATIONS_AGE_MS_MAX = 60_000;

/**
 * Certificates that a restored database has forgotten, shown again by their terminals: what was signed by them can be verified again. They
 * open no connection, because whoever revoked one may have been forgotten with it (docs/decisions/0039).
 */
export class ShownCertificates {
  private readonly gate = new Gate(CERTIFICATE_GATE);
  private readonly revocations: BriefCache<string, ReadonlyMap<string, EntryOf<'certificate_revoked'>>>;

  /** @param logDirectory of the recovery log; null: there is none */
  constructor(
    private readonly pool: Pool,
    private readonly keys: Pick<KeyRing, 'authorities'>,
    private readonly recoveryLog: RecoveryLog,
    private readonly logDirectory: string | null,
    private readonly clock: Clock,
  ) {
    this.revocations = new BriefCache(readRevocations, {
      ageMsMax: REVOCATIONS_AGE_MS_MAX,
      entriesMax: 1,
      now: () => clock.monotonicMs(),
    });
  }

  /**
   * Puts a certificate of the terminal on file, if this server's authority issued it to this terminal. Idempotent.
   * @param certificate DER in base64
   * @param visitor null: it was in a journal that was handed in
   * @throws OutcomeUnknown and the driver's errors: show it again
   */
  async show(terminalId: string, certificate: string, visitor: Visitor | null): Promise<CertificateAnswer | Problem> {
    const shown = this.read(terminalId, certificate);
    if (shown === null) return problem('shown_certificate_refused');
    const taken = await this.gate.pass(terminalId, 1, async () => {
      const revoked = await this.revocationOf(shown.thumbprint);
      const revocation = revoked && { at: new Date(revoked.at), reason: revoked.reason };
      const forgotten = { ...shown, callerAddress: visitor?.address ?? null, revocation };
      return inTransaction(this.pool, (client) => this.take(client, forgotten, visitor));
    });
    if (taken === null) return problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
    return { result: taken ? 'taken' : 'known' };
  }

  private read(terminalId: string, text: string): Omit<ForgottenCertificate, 'callerAddress' | 'revocation'> | null {
    const certificate = parse(text);
    if (certificate === null || !isIssuedToClient(certificate, this.keys.authorities())) return null;
    if (commonNameOf(certificate) !== terminalId) return null;
    return {
      terminalId,
      thumbprint: certificateThumbprint(certificate),
      serial: certificate.serialNumber,
      der: certificate.raw,
      notBefore: new Date(certificate.validFrom),
      notAfter: new Date(certificate.validTo),
    };
  }

  private async revocationOf(thumbprint: string): Promise<EntryOf<'certificate_revoked'> | null> {
    if (this.logDirectory === null) return null;
    return (await this.revocations.get(this.logDirectory)).get(thumbprint) ?? null;
  }

  private async take(client: PoolClient, forgotten: ForgottenCertificate, visitor: Visitor | null): Promise<boolean> {
    const { terminalId, thumbprint, revocation } = forgotten;
    await lockCertificates(client, terminalId);
    if (!(await addForgottenCertificate(client, forgotten))) return false;
    const from = visitor !== null && { remoteAddress: visitor.address, requestId: visitor.requestId };
    const facts = { thumbprint, revokedAt: revocation?.at.toISOString() ?? null };
    await appendToTrail(client, { officialName: null, ...from }, [
      { action: 'certificate.shown_again', subject: terminalId, facts },
    ]);
    const issued = { ...forgotten, way: 'shown_again', parent: null } as const;
    await this.recoveryLog.append(certificateEntry(issued, new Date(this.clock.now())));
    return true;
  }
}

function parse(text: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(text, 'base64'));
  } catch {
    return null;
  }
}

/** By thumbprint, the first one of each. */
async function readRevocations(directory: string): Promise<ReadonlyMap<string, EntryOf<'certificate_revoked'>>> {
  const { entries } = await readRecoveryLog(directory);
  const revoked = new Map<string, EntryOf<'certificate_revoked'>>();
  for (const entry of entries)
    if (entry.kind === 'certificate_revoked' && !revoked.has(entry.thumbprint)) revoked.set(entry.thumbprint, entry);
  return revoked;
}
