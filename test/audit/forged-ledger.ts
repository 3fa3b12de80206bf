import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDigits, goodsOf, type Invoice, signCompactJws } from '@tax-control/protocol';
import { Client } from 'pg';
import { makeCertificate } from '../../src/keys/make-certificate.js';
import { makeKeys } from '../../src/keys/make-keys.js';
import { writeKeys } from '../../src/keys/write-keys.js';
import { macDigits, sequenceDigits } from '../../tools/audit/code.js';
import { receiptOfRow, signedTextOfRow } from '../../tools/audit/receipt.js';
import type { StoredInvoice } from '../../tools/audit/stored-invoice.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

export const FIRST_NUMBER = 900_000_000_001;

/** An invoice in the ledger together with what its till holds. */
export interface ForgedInvoice {
  readonly row: StoredInvoice;
  readonly jws: string;
  readonly receiptJws: string;
}

interface ForgedTill {
  readonly terminalId: string;
  readonly journalId: string;
  readonly key: KeyObject;
  readonly thumbprint: string;
  counter: number;
  previousDigest: string | null;
}

interface Extra {
  /** Members beside the usual ones of the protected header, or in another order. */
  readonly header?: object;
  /** What the server found under a code that the invoice refers to. */
  readonly resolved?: { readonly terminalId: string; readonly invoiceId: string };
}

/** A ledger filled by hand, so that each promise can be broken on purpose and the audit be seen to notice. */
export class ForgedLedger {
  #next = FIRST_NUMBER;
  readonly tills: ForgedTill[] = [];
  readonly issued: ForgedInvoice[] = [];

  private constructor(
    readonly database: TestDatabase,
    /** As superuser: breaking promises takes rights that nobody else has. */
    readonly client: Client,
    readonly folder: string,
    private readonly receiptKey: { readonly kid: string; readonly key: KeyObject },
    private readonly macKey: Buffer,
    private readonly authority: { readonly certificate: Buffer; readonly key: KeyObject },
  ) {}

  static async create(): Promise<ForgedLedger> {
    const database = await createTestDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'audit-spec-'));
    const keys = await makeKeys({ environment: 'test', hosts: ['localhost'], now: new Date() });
    await writeKeys(join(folder, 'keys'), keys.files);
    const content = (path: string) => readFile(join(folder, 'keys', path), 'utf8');
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query(`INSERT INTO installation (environment) VALUES ('test')`);
    await client.query(`INSERT INTO taxpayer (taxpayer_id, name) VALUES ('shop', 'Shop')`);
    await client.query(
      `INSERT INTO premises VALUES ('high-street', 'shop', 'High Street', 'North', 'retail', '1 High Street')`,
    );
    const authorityPem = await content('ca/certificate.pem');
    const receiptKeyPem = await content(`receipt-signing/${keys.receiptKeyId}.pem`);
    return new ForgedLedger(
      database,
      client,
      folder,
      { kid: keys.receiptKeyId, key: createPrivateKey(receiptKeyPem) },
      Buffer.from((await content('mac/900000000000.key')).trim(), 'base64url'),
      {
        certificate: Buffer.from(authorityPem.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64'),
        key: createPrivateKey(await content('ca/key.pem')),
      },
    );
  }

  get keysDirectory(): string {
    return join(this.folder, 'keys');
  }

  async addTill(terminalId: string): Promise<ForgedTill> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [notBefore, notAfter] = [new Date(Date.now() - 1_000), new Date(Date.now() + 86_400_000)];
    const der = await makeCertificate({
      purpose: 'terminal',
      subject: { commonName: terminalId, organization: 'shop' },
      key: publicKey,
      notBefore,
      notAfter,
      issuer: this.authority,
    });
    const thumbprint = createHash('sha256').update(der).digest('base64url');
    await this.client.query(
      `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, 'high-street', 'shop')`,
      [terminalId],
    );
    await this.client.query('INSERT INTO terminal_certificate VALUES ($1, $2, $3, $4, $5, $6)', [
      thumbprint,
      terminalId,
      randomUUID(),
      der,
      notBefore,
      notAfter,
    ]);
    const till = { terminalId, journalId: randomUUID(), key: privateKey, thumbprint, counter: 0, previousDigest: null };
    this.tills.push(till);
    return till;
  }

  /** Signs the till's next invoice. Its counter and its place in the chain are used up. */
  signNext(till: ForgedTill, overrides: Partial<Invoice> = {}, header: object = {}): { invoice: Invoice; jws: string } {
    till.counter += 1;
    const { terminalId, journalId, counter, previousDigest } = till;
    const invoice: Invoice = {
      schemaVersion: 1,
      id: randomUUID().replace(/-4/, '-7'),
      taxpayerId: 'shop',
      premisesId: 'high-street',
      terminalId,
      journalId,
      counter,
      previousDigest,
      type: 'normal',
      kind: 'sale',
      number: `Nº ${counter}`,
      issuedAt: '2026-11-22T18:30:05.999+02:00',
      clockOffsetMs: null,
      clockOffsetAgeSeconds: null,
      businessDay: '2026-11-22',
      software: { name: 'spec', version: '1' },
      currency: 'GBP',
      priceBasis: 'gross',
      lines: [
        { type: 'goods', description: 'Tea', quantity: '2', unitPrice: '60', amount: 120, taxCategory: 'standard' },
      ],
      taxes: [{ category: 'standard', rate: '20', base: 100, amount: 20 }],
      total: 120,
      payments: [{ method: 'cash', amount: 120 }],
      ...overrides,
    };
    const payload = JSON.stringify(invoice);
    till.previousDigest = createHash('sha256').update(payload).digest('base64url');
    return {
      invoice,
      jws: signCompactJws({ typ: 'invoice+jws', 'x5t#S256': till.thumbprint, ...header }, payload, till.key),
    };
  }

  /** Issues the till's next invoice as the server would, and stores it. */
  async issue(till: ForgedTill, overrides: Partial<Invoice> = {}, extra: Extra = {}): Promise<ForgedInvoice> {
    const { invoice, jws } = this.signNext(till, overrides, extra.header);
    const forged = this.makeRow(invoice, jws, till.thumbprint, extra.resolved);
    await this.insert(forged.row);
    this.issued.push(forged);
    return forged;
  }

  /** Gives the next number of the sequence, code and receipt; stores nothing. */
  makeRow(invoice: Invoice, jws: string, signer: string, resolved?: Extra['resolved']): ForgedInvoice {
    const [header = '', payloadText = '', signature = ''] = jws.split('.');
    const payload = Buffer.from(payloadText, 'base64url');
    const headerText = Buffer.from(header, 'base64url').toString();
    const usualHeader = JSON.stringify({ alg: 'ES256', typ: 'invoice+jws', 'x5t#S256': signer });
    const sequence = this.#next;
    this.#next += 1;
    const reference = resolved ?? invoice.reference;
    const goods = goodsOf(invoice);
    const unsigned: StoredInvoice = {
      sequence: String(sequence),
      code: this.codeOf(sequence, invoice),
      terminal_id: invoice.terminalId,
      invoice_id: invoice.id,
      digest: createHash('sha256').update(payload).digest(),
      taxpayer_id: invoice.taxpayerId,
      premises_id: invoice.premisesId,
      journal_id: invoice.journalId,
      counter: String(invoice.counter),
      type: invoice.type,
      kind: invoice.kind,
      number: invoice.number,
      issued_at: new Date(Math.floor(Date.parse(invoice.issuedAt) / 1_000) * 1_000),
      business_day: invoice.businessDay,
      counted_at: null,
      currency: invoice.currency,
      total: String(invoice.total),
      sold: String(goods.sold),
      returned: String(goods.returned),
      lines: goods.lines,
      is_exact: goods.isExact,
      door: 'issue',
      registered_at: new Date(),
      reference_terminal_id: reference !== undefined && 'terminalId' in reference ? reference.terminalId : null,
      reference_invoice_id: reference !== undefined && 'invoiceId' in reference ? reference.invoiceId : null,
      supersedes_terminal_id: invoice.supersedes?.terminalId ?? null,
      supersedes_invoice_id: invoice.supersedes?.invoiceId ?? null,
      receipt_key: this.receiptKey.kid,
      receipt_signature: Buffer.alloc(0),
      payload,
      signature: Buffer.from(signature, 'base64url'),
      signer,
      header: headerText === usualHeader ? null : headerText,
      previous_digest: invoice.previousDigest === null ? null : Buffer.from(invoice.previousDigest, 'base64url'),
      taxes: invoice.taxes.map(({ category, rate, base, amount }) => `${category}/${Number(rate)}/${base}/${amount}`),
      originals: [],
    };
    const row = this.resign(unsigned);
    return { row, jws, receiptJws: receiptOfRow(row, 'test') };
  }

  /** The row with a signature that fits what it says now. */
  resign(row: StoredInvoice): StoredInvoice {
    const key = { key: this.receiptKey.key, dsaEncoding: 'ieee-p1363' as const };
    return { ...row, receipt_signature: sign('sha256', Buffer.from(signedTextOfRow(row, 'test')), key) };
  }

  codeOf(sequence: number, invoice: Invoice): string {
    const issuedAt = `${new Date(Math.floor(Date.parse(invoice.issuedAt) / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
    const body = `${sequenceDigits(sequence)}${macDigits({ ...invoice, issuedAt, sequence }, this.macKey)}`;
    return `${body}${checkDigits(body)}`;
  }

  async insert(row: StoredInvoice): Promise<void> {
    await this.insertLedger(row);
    await this.client.query(
      `INSERT INTO content (sequence, registered_at, payload, signature, signer, header, previous_digest)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [row.sequence, row.registered_at, row.payload, row.signature, row.signer, row.header, row.previous_digest],
    );
    for (const tax of row.taxes)
      await this.client.query(
        'INSERT INTO ledger_tax (sequence, category, rate, base, amount) VALUES ($1, $2, $3, $4, $5)',
        [row.sequence, ...tax.split('/')],
      );
    await this.client.query(
      `SELECT setval('tax_control_number_test', greatest(last_value, $1)) FROM tax_control_number_test`,
      [row.sequence],
    );
  }

  async insertLedger(row: StoredInvoice): Promise<void> {
    const {
      payload: _p,
      signature: _s,
      signer: _r,
      header: _h,
      previous_digest: _d,
      taxes: _t,
      originals: _o,
      ...columns
    } = row;
    const names = Object.keys(columns);
    await this.client.query(
      `INSERT INTO ledger (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(columns),
    );
  }

  /** Records a refusal of the till's next invoice, as the server keeps it. */
  async refuse(till: ForgedTill): Promise<{ jws: string }> {
    const { invoice, jws } = this.signNext(till);
    await this.client.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door)
       VALUES ($1, $2, $3, 'schema_violation', 'spec', $4, $5, $6, 'issue')`,
      [
        till.terminalId,
        createHash('sha256').update(jws).digest(),
        Buffer.from(jws),
        invoice.id,
        invoice.journalId,
        invoice.counter,
      ],
    );
    return { jws };
  }

  /** Writes an exported journal; returns the file's path. */
  async writeExport(lines: readonly object[]): Promise<string> {
    const file = join(this.folder, 'export.jsonl');
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return file;
  }

  async delete(): Promise<void> {
    await this.client.end();
    await this.database.drop();
    await rm(this.folder, { recursive: true });
  }
}

/** A line of an exported journal. */
export function exportLine(forged: { jws: string; receiptJws?: string }, facts: object = {}): object {
  const receipt = forged.receiptJws ?? null;
  return {
    kind: 'invoice',
    state: receipt === null ? 'waiting' : 'issued',
    invoice: forged.jws,
    receipt,
    cause: null,
    ...facts,
  };
}
