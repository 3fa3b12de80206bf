import { X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock, type Invoice, originalsOf, type Problem, problem, readStoredInvoice } from '@tax-control/protocol';
import type { InvoiceView, RelatedInvoice } from '@tax-control/protocol/console';
import { Settings } from '../../configuration/settings.js';
import { REPORTS_POOL } from '../../database/database.module.js';
import { KeyRing } from '../../keys/key-ring.js';
import { type Content, findContents } from '../../ledger/contents.js';
import { findRows } from '../../ledger/find-rows.js';
import { type InvoiceIdentity, identityKey } from '../../ledger/identity.js';
import { findNeighbours } from '../../ledger/neighbours.js';
import { receiptOfFacts, receiptOfRow } from '../../ledger/receipt-of-row.js';
import { findNamingInvoices } from '../../ledger/related-invoices.js';
import { readRemovedMonths } from '../../ledger/removed-content.js';
import { signedText } from '../../ledger/signed-text.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { type CertificateFile, findCertificate } from '../../registry/certificates.js';
import { readPremisesNames } from '../../registry/premises-names.js';
import type { InvoiceViewBody } from './invoice-bodies.js';
import { invoiceRowOf } from './invoice-rows.js';
import { verifyInvoice } from './verify-invoice.js';

/** Shows one invoice with all that is known of it, and verifies it anew each time. */
@Injectable()
export class InvoiceViews {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly trail: AuditTrail,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** What an official may not see is answered like what is not there. */
  async view(official: SignedInOfficial, body: InvoiceViewBody): Promise<InvoiceView | Problem> {
    const { terminalId, invoiceId, reason } = body;
    const subject = identityKey(body);
    await this.trail.record(official, { action: 'invoice.viewed', subject, reason, facts: {} });
    const filed = (await findRows(this.pool, [{ terminalId, invoiceId }])).get(subject);
    if (filed === undefined || !sees(official.visiblePremises, filed.row.premisesId)) return problem('not_on_file');
    const { row, warnings } = filed;
    const content = (await findContents(this.pool, [row])).get(row.sequence) ?? null;
    const removedAt = content === null ? (await readRemovedMonths(this.pool)).of(row.registeredAt) : null;
    const signer = content === null ? null : await findCertificate(this.pool, content.signer);
    const receipt = receiptOfFacts(row);
    const signedReceipt = receiptOfRow(row);
    const digest = row.digest.toString('base64url');
    const signed = content === null ? null : signedText(content);
    const checks = verifyInvoice(
      {
        terminalId,
        counter: row.counter,
        digest,
        receipt,
        signedReceipt,
        signed,
        payload: content?.payload ?? null,
        removedAt,
        signer: signer === null ? null : { ...signer, certificate: new X509Certificate(signer.der) },
        neighbours: await findNeighbours(this.pool, row),
      },
      {
        authorities: this.keys.authorities(),
        receiptKeys: this.keys.trustedKeys(),
        macKey: this.keys.macKeyFor(row.sequence),
      },
    );
    return {
      ...invoiceRowOf(filed, await readPremisesNames(this.pool, [row.premisesId])),
      digest,
      receipt,
      signedReceipt,
      contentRemovedAt: removedAt?.toISOString() ?? null,
      checks,
      ...contentOf(content, signer, { signed, isBuyerShown: this.#isBuyerShown(row.issuedAt) }),
      warningList: warnings,
      related: [...relatedOf(content), ...(await this.#namedBy(official, body))],
    };
  }

  #isBuyerShown(soldAt: string): boolean {
    const until = new Date(soldAt);
    until.setUTCFullYear(until.getUTCFullYear() + this.settings.retention.buyerDataYears);
    return until.getTime() > this.clock.now();
  }

  async #namedBy({ visiblePremises }: SignedInOfficial, identity: InvoiceIdentity): Promise<RelatedInvoice[]> {
    const naming = await findNamingInvoices(this.pool, identity);
    return naming
      .filter(({ premisesId }) => sees(visiblePremises, premisesId))
      .map(({ relation, terminalId, invoiceId, code }) => ({ relation, terminalId, invoiceId, code }));
  }
}

function contentOf(
  content: Content | null,
  signer: CertificateFile | null,
  { signed, isBuyerShown }: { readonly signed: string | null; readonly isBuyerShown: boolean },
): Pick<InvoiceView, 'payload' | 'payloadText' | 'signed' | 'buyerWithheld' | 'signer' | 'signerCertificate'> {
  const payloadText = content?.payload.toString('utf8') ?? null;
  const payload = content && readStoredInvoice(content.payload);
  const buyerWithheld = !isBuyerShown && payload?.buyer !== undefined;
  return {
    payload: buyerWithheld ? withoutBuyer(payload) : payload,
    payloadText: buyerWithheld ? null : payloadText,
    signed: buyerWithheld ? null : signed,
    buyerWithheld,
    signer: content?.signer ?? null,
    signerCertificate: signer === null ? null : new X509Certificate(signer.der).toString(),
  };
}

function withoutBuyer(payload: Invoice): Invoice {
  const rest = { ...payload };
  delete rest.buyer;
  return rest;
}

/** What the invoice itself names. */
function relatedOf(content: Content | null): RelatedInvoice[] {
  if (content === null) return [];
  const { reference, supersedes } = readStoredInvoice(content.payload);
  return [
    ...(supersedes === undefined ? [] : [{ ...supersedes, relation: 'supersedes' as const, code: null }]),
    ...originalsOf(reference).map((original) =>
      'code' in original
        ? { ...original, relation: 'refers_to' as const, terminalId: null, invoiceId: null }
        : { ...original, relation: 'refers_to' as const, code: null },
    ),
  ];
}
