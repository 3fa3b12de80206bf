import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { ATTEMPT_ID_HEADER, type Invoice, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoice, makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { postRequest } from './http-connection.js';
import type { Target } from './load-messages.js';
import type { BenchTerminal } from './terminals.js';

/** Lines of the invoices, in turn: 21 on average, as measured on real shop data, and spread as there. */
export const LINES = [1, 2, 5, 10, 14, 18, 21, 26, 36, 77];
/** Every so many invoices takes one back that was sold before. */
export const REFUND_EVERY = 20;
const HOST = 'localhost';

/** A request that is ready to be sent. */
export interface Shot {
  readonly request: Buffer;
  /** Its invoices as compact JWS. */
  readonly invoices: readonly string[];
  /** Where the newest code that the till holds stands in the request; null: it held none. */
  readonly codeAt: number | null;
}

/** Stands where the code will be that the till holds when the request goes out. */
const CODE_PLACE = '?'.repeat(20);

const CODE_MEMBER = '"code":"';

let made = 0;

/** A till of the load generator: it signs as a real one does, and keeps nothing. */
export class BenchTill {
  /** The newest session with each server. */
  readonly sessions = new Map<Target, Buffer>();
  readonly #key: KeyObject;
  readonly #journalId = randomUUID();
  #counter = 0;
  #previousDigest: string | null = null;
  #sold: Invoice | null = null;
  #newestCode: string | null = null;
  #prepared = 0;

  constructor(readonly terminal: BenchTerminal) {
    this.#key = createPrivateKey(terminal.keyPem);
  }

  /** A sale for the online door. */
  sale(): Shot {
    const jws = this.#sign();
    return this.#shot('/v1/invoices', { invoice: jws }, [jws]);
  }

  /** A list for the late door. */
  list(length: number): Shot {
    const invoices = Array.from({ length }, () => this.#sign());
    return this.#shot('/v1/reissues', { invoices }, invoices);
  }

  /** What the baseline takes: the same invoice as bare JSON. */
  bare(): Shot {
    const text = JSON.stringify({ ...this.#draft(), counter: 1, previousDigest: null });
    return { request: postRequest(HOST, '/', text), invoices: [''], codeAt: null };
  }

  /** The request as it goes out now. */
  ready({ request, codeAt }: Shot): Buffer {
    if (codeAt !== null && this.#newestCode !== null) request.write(this.#newestCode, codeAt, 'latin1');
    return request;
  }

  /** It holds a receipt (compact JWS): its next request names the code. */
  keep(receipt: string): void {
    const payload = Buffer.from(receipt.slice(receipt.indexOf('.') + 1, receipt.lastIndexOf('.')), 'base64url');
    const at = payload.indexOf(CODE_MEMBER) + CODE_MEMBER.length;
    this.#newestCode = payload.toString('latin1', at, at + CODE_PLACE.length);
  }

  #shot(path: string, body: object, invoices: readonly string[]): Shot {
    // The first request of a till names no code; from the second on there is one when it goes out.
    const hasCode = this.#prepared > 0;
    this.#prepared += 1;
    const text = JSON.stringify(hasCode ? { ...body, newestCode: CODE_PLACE } : body);
    const request = postRequest(HOST, path, text, { [ATTEMPT_ID_HEADER]: randomUUID() });
    return { request, invoices, codeAt: hasCode ? request.lastIndexOf(CODE_PLACE) : null };
  }

  #sign(): string {
    this.#counter += 1;
    const invoice: Invoice = {
      ...this.#draft(),
      counter: this.#counter,
      previousDigest: this.#previousDigest,
      number: `R-${this.#counter}`,
    };
    const { jws, digest } = signInvoice(invoice, this.#key, this.terminal.thumbprint);
    this.#previousDigest = digest;
    return jws;
  }

  #draft(): Invoice {
    const { terminalId, taxpayerId, premisesId } = this.terminal;
    const now = new Date().toISOString();
    made += 1;
    const identity = {
      id: uuidV7(Date.now()),
      terminalId,
      taxpayerId,
      premisesId,
      journalId: this.#journalId,
      issuedAt: now,
      businessDay: now.slice(0, 'YYYY-MM-DD'.length),
    };
    const original = this.#sold;
    if (made % REFUND_EVERY === 0 && original !== null) {
      this.#sold = null;
      return { ...takenBack(original), ...identity, reference: { terminalId, invoiceId: original.id } };
    }
    const sale = { ...makeInvoiceOfLines(LINES[made % LINES.length] ?? 1), ...identity };
    this.#sold = sale;
    return sale;
  }
}

/** The same goods with the other sign. */
export function takenBack(sale: Invoice): Invoice {
  const lines = sale.lines.map((line) => ({ ...line, quantity: `-${line.quantity}`, amount: -line.amount }));
  return makeInvoice({ kind: 'refund', lines });
}
