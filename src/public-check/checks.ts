import { X509Certificate } from 'node:crypto';
import type { Pool } from 'pg';
import { isOfflineProof, parseCode, readOfflineProof } from '@tax-control/protocol';
import { findByCode, findByIdentity, findSuperseding, isRefused, type PublicRecord } from '../ledger/public-record.js';
import { readRemovedMonths } from '../ledger/removed-content.js';
import { addressKey } from '../configuration/address-key.js';
import type { RateLimits } from '../rate-limits/rate-limits.js';
import { certificatesBeginning } from '../registry/certificates.js';
import { isIdentifier } from '../registry/identifier.js';
import { readNewestVersion } from '../registry/parameters-store.js';
import { findShop } from '../registry/taxpayers.js';
import { findTerminal } from '../registry/terminals.js';
import type { ConfirmedInvoice, Finding, Paper, ProofCheck, Standing, TooMany, TotalCheck } from './findings.js';
import { LOOK_UPS, TOTALS_OF_ADDRESS, TOTALS_OF_RECEIPT } from './limits.js';
import { keepLookUp } from './look-ups.js';
import { readTypedTotal } from '../ledger/typed-total.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A question about a paper. `total` as typed, `proof` as its QR bears it, null where none was given; `address`: who asks. */
export interface Question {
  readonly paper: Paper;
  readonly total: string | null;
  readonly proof: string | null;
  readonly address: string;
}

/** Says whether a receipt is genuine: "genuine" only of what is on file, details only to who knows the total. */
export class Checks {
  constructor(
    private readonly pool: Pool,
    private readonly limits: RateLimits,
  ) {}

  /** Outages come as the driver's errors. */
  async check({ paper, total, proof, address }: Question): Promise<Finding | TooMany> {
    if (isMistyped(paper)) return { standing: 'mistyped' };
    const allowed = await this.limits.take(LOOK_UPS, addressKey(address));
    if (!allowed.allowed) return { standing: 'too_many', retryAfterMs: allowed.retryAfterMs };
    const record = await this.#find(paper);
    if (record !== null)
      return {
        standing: 'on_file',
        code: record.code,
        knownBy: record.knownBy,
        total: await this.#checkTotal(record, total, address),
      };
    const finding = await this.#explainAbsence(paper, proof);
    if (paper.by === 'invoice' && finding.standing === 'not_reported') {
      const signed = finding.proof.result === 'signed' ? finding.proof.facts : null;
      await keepLookUp(this.pool, this.limits, { ...paper, signed });
    }
    return finding;
  }

  /** What a report says beside the customer's words: what is on file, and of which premises, as far as they are known. */
  async whatIsKnownOf(paper: Paper): Promise<{ readonly standing: Standing; readonly premisesId: string | null }> {
    if (isMistyped(paper)) return { standing: 'mistyped', premisesId: null };
    const record = await this.#find(paper);
    if (record !== null) return { standing: 'on_file', premisesId: record.premisesId };
    const { standing } = await this.#explainAbsence(paper, null);
    if (paper.by === 'code') return { standing, premisesId: null };
    return { standing, premisesId: (await findTerminal(this.pool, paper.terminalId))?.premisesId ?? null };
  }

  #find(paper: Paper): Promise<PublicRecord | null> {
    if (paper.by === 'invoice') return findByIdentity(this.pool, paper.terminalId, paper.invoiceId);
    const parsed = parseCode(paper.code);
    return parsed === null ? Promise.resolve(null) : findByCode(this.pool, parsed.sequence, parsed.code);
  }

  async #explainAbsence(paper: Paper, proof: string | null): Promise<Finding> {
    if (paper.by === 'code')
      return { standing: 'not_on_file', environment: parseCode(paper.code)?.environment ?? 'production' };
    const { terminalId, invoiceId } = paper;
    if ((await findTerminal(this.pool, terminalId)) === null) return { standing: 'terminal_unknown' };
    if (!(await isRefused(this.pool, terminalId, invoiceId))) {
      const newest = await readNewestVersion(this.pool);
      const offlineHoursMax = newest?.settings.offlineHoursMax ?? null;
      return { standing: 'not_reported', offlineHoursMax, proof: await this.#checkProof(terminalId, invoiceId, proof) };
    }
    return { standing: 'refused', supersededBy: await findSuperseding(this.pool, terminalId, invoiceId) };
  }

  async #checkProof(terminalId: string, invoiceId: string, text: string | null): Promise<ProofCheck> {
    if (text === null) return { result: 'unknown' };
    const proof = readOfflineProof(terminalId, invoiceId, text);
    if (proof === null) return { result: 'forged' };
    const certificates = await certificatesBeginning(this.pool, terminalId, proof.signer);
    // Whoever has a revoked key can sign what he likes; one that is not on file may only have been forgotten.
    const known = certificates.filter(({ revokedAt }) => revokedAt === null);
    if (known.length === 0) return { result: 'unknown' };
    const isSigned = known.some(({ der }) => isOfflineProof(proof, new X509Certificate(der).publicKey));
    return isSigned ? { result: 'signed', facts: proof.facts } : { result: 'forged' };
  }

  /** Every try is counted before it is compared, so that of many at once no more than the allowed ones are; a right one is given back. */
  async #checkTotal(record: PublicRecord, typed: string | null, address: string): Promise<TotalCheck> {
    if (typed === null || typed.trim() === '') return { result: 'not_given' };
    const total = readTypedTotal(typed, record.currency);
    if (total === null) return { result: 'unreadable' };
    const from = addressKey(address);
    const ofAddress = await this.limits.take(TOTALS_OF_ADDRESS, from);
    if (!ofAddress.allowed) return { result: 'locked', retryAfterMs: ofAddress.retryAfterMs };
    const ofReceipt = await this.limits.take(TOTALS_OF_RECEIPT, record.code);
    if (!ofReceipt.allowed) return { result: 'locked', retryAfterMs: ofReceipt.retryAfterMs };
    if (total !== record.total)
      return { result: 'differs', triesLeft: Math.min(ofAddress.triesLeft, ofReceipt.triesLeft) };
    await this.limits.giveBack(TOTALS_OF_ADDRESS, from);
    await this.limits.giveBack(TOTALS_OF_RECEIPT, record.code);
    return { result: 'fits', invoice: await this.#confirm(record) };
  }

  async #confirm(record: PublicRecord): Promise<ConfirmedInvoice> {
    const { total, currency, type, kind, registeredAt, knownBy, isVoided } = record;
    const shop = await findShop(this.pool, record.premisesId);
    const soldAt = record.soldAt ?? record.issuedAt.toISOString();
    const contentRemovedAt =
      record.soldAt === null && knownBy === null && registeredAt !== null
        ? (await readRemovedMonths(this.pool)).of(registeredAt.toISOString())
        : null;
    return { shop, soldAt, total, currency, type, kind, registeredAt, isVoided, contentRemovedAt };
  }
}

function isMistyped(paper: Paper): boolean {
  if (paper.by === 'code') return parseCode(paper.code) === null;
  return !isIdentifier(paper.terminalId) || !UUID.test(paper.invoiceId);
}
