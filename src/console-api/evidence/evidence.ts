import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock, type Problem, problem } from '@tax-control/protocol';
import { planMemory } from '../../configuration/memory-plan.js';
import { Settings } from '../../configuration/settings.js';
import { REPORTS_POOL } from '../../database/database.module.js';
import { KeyRing } from '../../keys/key-ring.js';
import { listShopSequences } from '../../ledger/shop-invoices.js';
import { Log } from '../../observability/log.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { readPremisesNames } from '../../registry/premises-names.js';
import { ExportStream, ReaderTooSlow } from '../exports/export-stream.js';
import { RunningExports } from '../exports/running-exports.js';
import { type EvidenceBody, judgeEvidence } from './evidence-body.js';
import type { EvidenceKeys, ManifestHead } from './evidence-order.js';
import { EvidenceThreads } from './evidence-threads.js';

/** Invoices of one file: six files each, 20 MB of names alone before they are compressed. A shop of ten lanes has as many in ten days. */
export const EVIDENCE_INVOICES_MAX = 20_000;

/** Makes one ZIP of all that is on file of a shop in a period, with what it takes to verify it elsewhere. */
@Injectable()
export class Evidence {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly threads: EvidenceThreads,
    private readonly running: RunningExports,
    private readonly trail: AuditTrail,
    private readonly settings: Settings,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** The ZIP is written while it is read; what goes wrong then breaks it off, so that half a file is never taken for a whole one. */
  async make(official: SignedInOfficial, body: EvidenceBody): Promise<StreamableFile | Problem> {
    const refusal = judgeEvidence(body, planMemory(this.settings));
    if (refusal !== null) return refusal;
    const opened = await this.running.run(official, 'evidence', () => this.#open(official, body));
    if (!(opened instanceof ExportStream)) return opened;
    return new StreamableFile(opened, {
      type: 'application/zip',
      disposition: `attachment; filename="evidence-${body.premisesId}.zip"`,
    });
  }

  async #open(official: SignedInOfficial, body: EvidenceBody): Promise<ExportStream | Problem> {
    const { premisesId, from, to, zone, reason } = body;
    const shop = (await readPremisesNames(this.pool, [premisesId])).get(premisesId);
    if (shop === undefined || !sees(official.visiblePremises, premisesId)) return problem('not_on_file');
    const sequences = await listShopSequences(this.pool, { premisesId, from, to }, EVIDENCE_INVOICES_MAX + 1);
    if (sequences.length > EVIDENCE_INVOICES_MAX)
      return problem('evidence_too_large', { allowed: EVIDENCE_INVOICES_MAX });
    const facts = { from, to, zone, invoices: sequences.length };
    await this.trail.record(official, { action: 'evidence.made', subject: premisesId, reason, facts });
    const head: ManifestHead = {
      manifestVersion: 1,
      environment: this.keys.environment,
      taxpayerId: shop.taxpayerId,
      premisesId,
      from,
      to,
      zone,
      reason,
      madeBy: official.name,
      madeAt: new Date(this.clock.now()).toISOString(),
    };
    const order = { database: this.settings.database, head, keys: this.#keysOfFile(), sequences };
    const stream = new ExportStream(this.threads.write(order));
    return stream.once('error', (error) => this.#tell(official, error));
  }

  #keysOfFile(): EvidenceKeys {
    return {
      authorities: this.keys.authorities().map(String),
      signing: this.keys.signingIdentity(),
      trustedKeys: this.keys.trustedKeys(),
    };
  }

  #tell({ requestId }: SignedInOfficial, error: Error): void {
    if (error instanceof ReaderTooSlow) this.log.info('evidence was not read to its end', { requestId });
    else this.log.error('evidence could not be written to its end', { requestId }, error);
  }
}
