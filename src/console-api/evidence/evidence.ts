import { sign } from 'node:crypto';
import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { EvidenceManifest } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { KeyRing } from '../../keys/key-ring.js';
import { listShopSequences } from '../../ledger/shop-invoices.js';
import { Log } from '../../observability/log.js';
import { AuditTrail } from '../../officials/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { readPremisesNames } from '../../registry/premises-names.js';
import { terminalIdsWithin } from '../../registry/terminal-scope.js';
import { type EvidenceBody, judgeEvidence } from './evidence-body.js';
import { writeAttempts, writeCertificates, writeGaps, writeRefused, writeServerKeys } from './evidence-parts.js';
import { evidenceReadme } from './evidence-readme.js';
import { EvidenceSources } from './evidence-sources.js';
import { writeInvoices } from './invoice-files.js';
import { ReaderGone, ZipWriter } from './zip-writer.js';

/** Invoices of one file: six files each, 10 MB of names alone. A shop of ten lanes has as many in ten days. */
export const EVIDENCE_INVOICES_MAX = 20_000;

/** What stands at the head of a manifest; the counts and files come as they are written. */
type ManifestHead = Omit<EvidenceManifest, 'counts' | 'files'>;

/** Makes one ZIP of all that is on file of a shop in a period, with what it takes to verify it elsewhere. */
@Injectable()
export class Evidence {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly sources: EvidenceSources,
    private readonly trail: AuditTrail,
    private readonly log: Log,
  ) {}

  /** The ZIP is written while it is read; what goes wrong then breaks it off, so that half a file is never taken for a whole one. */
  async make(official: SignedInOfficial, body: EvidenceBody): Promise<StreamableFile | Problem> {
    const refusal = judgeEvidence(body);
    if (refusal !== null) return refusal;
    const { premisesId, from, to, zone, reason } = body;
    const shop = (await readPremisesNames(this.pool, [premisesId])).get(premisesId);
    if (shop === undefined || !sees(official.visiblePremises, premisesId)) return problem('not_on_file');
    const sequences = await listShopSequences(this.pool, { premisesId, from, to }, EVIDENCE_INVOICES_MAX + 1);
    if (sequences.length > EVIDENCE_INVOICES_MAX)
      return problem('evidence_too_large', { allowed: EVIDENCE_INVOICES_MAX });
    const facts = { from, to, zone, invoices: sequences.length };
    await this.trail.record(official, { action: 'evidence.made', subject: premisesId, reason, facts });
    const madeAt = new Date();
    const zip = new ZipWriter(madeAt);
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
      madeAt: madeAt.toISOString(),
    };
    this.#write(official, head, sequences, zip).catch((error: unknown) => this.#breakOff(zip, official, error));
    return new StreamableFile(zip.output, {
      type: 'application/zip',
      disposition: `attachment; filename="evidence-${premisesId}.zip"`,
    });
  }

  async #write(
    official: SignedInOfficial,
    head: ManifestHead,
    sequences: readonly number[],
    zip: ZipWriter,
  ): Promise<void> {
    zip.add('README.md', evidenceReadme(head));
    writeServerKeys(zip, this.keys);
    const terminalIds = (await terminalIdsWithin(this.pool, [head.premisesId], {})) ?? [];
    const certificates = await writeCertificates(this.pool, zip, terminalIds);
    const invoices = await writeInvoices(this.pool, zip, sequences);
    zip.add('invoices.csv', invoices.table);
    zip.add('signatures.txt', invoices.signatures.map((line) => `${line}\n`).join(''));
    const refused = await writeRefused(this.pool, zip, { terminalIds, from: head.from, to: head.to });
    const gaps = await writeGaps(zip, (page) => this.sources.gaps(official, head, page));
    const logEntries = await writeAttempts(zip, (page) => this.sources.attemptsOfShop(official, head, page));
    zip.add('SHA256SUMS', zip.files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''));
    const manifest: EvidenceManifest = {
      ...head,
      counts: {
        invoices: sequences.length,
        withoutContent: invoices.withoutContent,
        refused,
        gaps,
        logEntries,
        certificates,
      },
      files: [...zip.files],
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`, 'utf8');
    zip.add('manifest.json', text);
    zip.add('manifest.sig', sign('sha256', text, { key: this.keys.signingIdentity().key, dsaEncoding: 'der' }));
    zip.end();
  }

  #breakOff(zip: ZipWriter, { requestId }: SignedInOfficial, error: unknown): void {
    if (error instanceof ReaderGone) return;
    this.log.error('evidence could not be written to its end', { requestId }, error);
    zip.fail(error instanceof Error ? error : new Error('evidence could not be written'));
  }
}
