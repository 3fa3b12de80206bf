import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import {
  checkDigits,
  type Invoice,
  type Holding,
  type HoldingsAnswer,
  type HoldingsRequest,
  type InvoiceResult,
  type JournalAnswer,
  type LogEntry,
  type OriginalAnswer,
  type Parameters,
  parseCompactJws,
  type Problem,
  problem,
  type ProblemCode,
  publicKeyToJwk,
  readReceipt,
  type Receipt,
  type RestorationResult,
  type Standing,
  signEcho,
  type SigningIdentity,
  signParameters,
  signReceipt,
  utcSeconds,
  verifyCompactJws,
  digestOf,
  type Warning,
} from '@tax-control/protocol';
import { keyPair, type TestAuthority } from './authority.js';

/** What a stand-in has on file of one invoice. */
export interface FiledInvoice {
  readonly invoice: Invoice;
  readonly jws: string;
  readonly digest: string;
  readonly receipt: string;
  readonly code: string;
}

/**
 * A tax office in memory, as far as a till can tell: gives codes, keeps what it gave, signs receipts, echo and parameters. It
 * stands in for the server in specs of faults; the real one is tested end to end in test/.
 */
export class StandInOffice {
  readonly filed = new Map<string, FiledInvoice>();
  /** Invoices in the order in which they came, each time they came. */
  readonly arrivals: { readonly invoiceId: string; readonly door: 'issue' | 'reissue' }[] = [];
  readonly log = new Map<string, LogEntry>();
  /** Sizes of the calls of the late door. */
  readonly chunks: number[] = [];
  parameters: Parameters;
  allowance: number | null = null;
  /** Judges before anything is filed; null: nothing to say. */
  judge: (invoice: Invoice) => InvoiceResult | null = () => null;
  warn: (invoice: Invoice) => readonly Warning[] = () => [];
  /** What the office takes the till for, by its terminal id. */
  standing: ProblemCode | 'active' = 'active';
  /** Milliseconds that the office's clock is ahead of this machine's. */
  clockAheadMs = 0;
  lastJump: number | null = null;
  keptUpTo: number | null = null;
  /** What the till confirmed last; null: nothing. */
  keptSince: number | null = null;
  /** Invoices that were taken back, in their order. */
  readonly restored: string[] = [];
  /** Why a receipt is not taken back; null: nothing to say. */
  refuseRestoration: (receipt: string) => Problem | null = () => null;
  receiptKey: KeyObject;
  #sequence = 900_000_000_000;

  private constructor(
    private readonly identity: SigningIdentity,
    receiptKey: KeyObject,
    addresses: readonly string[],
  ) {
    this.receiptKey = receiptKey;
    this.parameters = {
      version: 1,
      environment: 'test',
      publishedAt: new Date(Date.now() - 1000).toISOString(),
      threshold: 20,
      offlineLimits: { hoursMax: 72, invoicesMax: 1000, salesMax: Number.MAX_SAFE_INTEGER, atLimit: 'warn' },
      // Ten times that of a shop: a busy machine must not make a sale an offline one. A spec that lets it pass sets its own.
      deadlineMs: 15_000,
      taxRates: [
        { category: 'standard', rate: '20', from: '1970-01-01', until: null },
        { category: 'reduced', rate: '5', from: '1970-01-01', until: null },
      ],
      addresses: [...addresses],
      verificationUrl: 'https://check.example',
      trustedKeys: [jwk(receiptKey)],
      suspendedMaySell: false,
    };
  }

  static async open(authority: TestAuthority, addresses: readonly string[]): Promise<StandInOffice> {
    const { privateKey } = keyPair();
    return new StandInOffice(await authority.signingIdentity(privateKey), privateKey, addresses);
  }

  /** Publishes parameters that differ from those before. */
  publish(change: Partial<Parameters>): void {
    this.parameters = { ...this.parameters, version: this.parameters.version + 1, ...change };
  }

  /** Signs receipts with a new key from now on; whether tills hear of it is up to `publish`. */
  rotateReceiptKey(): ReturnType<typeof jwk> {
    this.receiptKey = keyPair().privateKey;
    return jwk(this.receiptKey);
  }

  signedParameters(): { readonly jws: string; readonly etag: string } {
    return { jws: signParameters(this.parameters, this.identity), etag: `W/"${this.parameters.version}"` };
  }

  signedEcho(nonce: string, terminalId: string | null): string {
    const time = new Date(Date.now() + this.clockAheadMs).toISOString();
    return signEcho({ nonce, time, terminalId, standing: this.standing }, this.identity);
  }

  takeLog(entries: readonly LogEntry[]): { new: number; repeated: number; invalid: [] } {
    const fresh = entries.filter(({ id }) => !this.log.has(id));
    for (const entry of fresh) this.log.set(entry.id, entry);
    return { new: fresh.length, repeated: entries.length - fresh.length, invalid: [] };
  }

  /** Takes a signed invoice as the server would: the same one gets the same receipt. */
  take(jws: string, door: 'issue' | 'reissue', certificates: readonly X509Certificate[]): InvoiceResult {
    const parsed = parseCompactJws(jws);
    if (parsed === null) return refused('jws_malformed');
    if (!certificates.some(({ publicKey }) => verifyCompactJws(parsed, publicKey))) return refused('signature_invalid');
    const invoice = JSON.parse(parsed.payload.toString('utf8')) as Invoice;
    this.arrivals.push({ invoiceId: invoice.id, door });
    const judged = this.judge(invoice);
    if (judged !== null) return judged;
    const digest = digestOf(parsed.payload);
    const known = this.filed.get(invoice.id);
    const warnings = this.warn(invoice);
    if (known !== undefined)
      return known.digest === digest
        ? { result: 'already_issued', receipt: known.receipt, warnings }
        : refused('identity_conflict');
    const receipt = this.receiptFor(invoice, digest, door);
    const signed = signReceipt(receipt, this.receiptKey, jwk(this.receiptKey).kid);
    this.filed.set(invoice.id, { invoice, jws, digest, receipt: signed, code: receipt.code });
    return { result: 'issued', receipt: signed, warnings };
  }

  /** @param name a code, or terminal and invoice with a slash between; null: it is not on file */
  original(name: string): OriginalAnswer | null {
    const isNamed = ({ invoice: { terminalId, id }, code }: FiledInvoice): boolean =>
      name === code || name === `${terminalId}/${id}`;
    const invoice = [...this.filed.values()].find(isNamed)?.invoice;
    if (invoice === undefined) return null;
    const { taxes, currency, businessDay } = invoice;
    return { taxes: taxes.map(({ category, rate }) => ({ category, rate })), currency, businessDay };
  }

  /** The database is restored: what is named is forgotten, and the numbers jump. */
  restore(forgotten: readonly string[]): void {
    for (const invoiceId of forgotten) this.filed.delete(invoiceId);
    this.#sequence += 1_000_000;
    this.lastJump = this.#sequence + 1;
  }

  findMissing({ codes, lastJump }: HoldingsRequest): HoldingsAnswer {
    if (codes.length === 0) this.keptSince = lastJump;
    return {
      missing: codes.filter((code) => !this.#codes().has(code)),
      lastJump: this.lastJump,
      keptUpTo: this.keptUpTo,
    };
  }

  /** Takes back what it signed itself; the rest of a server's rules are tested with the server. */
  takeBack({ invoice: jws, receipt: text }: Holding): RestorationResult {
    const refusal = this.refuseRestoration(text);
    if (refusal !== null) return { result: refusal.retry === 'never' ? 'refused' : 'deferred', problem: refusal };
    const read = readReceipt(text, [jwk(this.receiptKey)]);
    const payload = parseCompactJws(jws)?.payload;
    if (!read.ok || payload === undefined) return { result: 'refused', problem: problem('receipt_not_genuine') };
    const { invoiceId, invoiceDigest: digest, code } = read.receipt;
    if (this.filed.has(invoiceId)) return { result: 'on_file' };
    const invoice = JSON.parse(payload.toString('utf8')) as Invoice;
    this.filed.set(invoiceId, { invoice, jws, digest, receipt: text, code });
    this.restored.push(invoiceId);
    return { result: 'restored' };
  }

  #codes(): Set<string> {
    return new Set([...this.filed.values()].map(({ code }) => code));
  }

  /** Two invoices a page. @param after a counter */
  journal(journalId: string, after: number): JournalAnswer {
    const behind = [...this.filed.values()]
      .filter(({ invoice }) => invoice.journalId === journalId && invoice.counter > after)
      .toSorted((one, other) => one.invoice.counter - other.invoice.counter);
    const page = behind.slice(0, 2);
    return {
      invoices: page.map(({ invoice, jws, receipt }) => ({
        counter: invoice.counter,
        invoice: jws,
        receipt,
        warnings: this.warn(invoice),
      })),
      certificates: [],
      next: behind.length > page.length ? String(page.at(-1)?.invoice.counter) : null,
    };
  }

  receiptFor(invoice: Invoice, digest: string, door: 'issue' | 'reissue'): Receipt {
    this.#sequence += 1;
    const body = `${this.#sequence}123456`;
    const { taxpayerId, premisesId, terminalId, journalId, counter, type, kind, number, currency, total } = invoice;
    return {
      receiptVersion: 1,
      environment: 'test',
      code: `${body}${checkDigits(body)}`,
      invoiceDigest: digest,
      taxpayerId,
      premisesId,
      terminalId,
      invoiceId: invoice.id,
      journalId,
      counter,
      type,
      kind,
      number,
      issuedAt: utcSeconds(invoice.issuedAt),
      currency,
      total,
      door,
      registeredAt: new Date(Date.now() + this.clockAheadMs).toISOString(),
    };
  }

  standingFor(journalId: string | undefined, newestCode?: string): Standing {
    const counters = [...this.filed.values()]
      .filter(({ invoice }) => invoice.journalId === journalId)
      .map(({ invoice }) => invoice.counter);
    return {
      allowance: this.allowance ?? this.parameters.threshold,
      lastCounter: counters.length === 0 ? null : Math.max(...counters),
      lastJump: this.lastJump,
      newestKnown: newestCode === undefined || this.#codes().has(newestCode),
    };
  }
}

function refused(code: ProblemCode): InvoiceResult {
  return { result: 'refused', problem: problem(code) };
}

function jwk(key: KeyObject) {
  const made = publicKeyToJwk(createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })));
  if (made === null) throw new Error('keys of specs are on P-256');
  return made;
}
