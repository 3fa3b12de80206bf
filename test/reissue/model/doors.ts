import { type Invoice, type Problem, signInvoice, uuidV7 } from '@tax-control/protocol';
import type { MissingKind } from '@tax-control/protocol/console';
import { makeInvoice } from '@tax-control/protocol/testing';
import { IssueDoor } from '../../../src/issuance/issue-door.js';
import { findRows } from '../../../src/ledger/find-rows.js';
import { receiptOfRow } from '../../../src/ledger/receipt-of-row.js';
import { KeptTables } from '../../../src/log-analytics/kept/kept-tables.js';
import { Missing } from '../../../src/log-analytics/missing/missing.js';
import { rebuildStatistics } from '../../../src/log-analytics/rebuild.js';
import { TerminalDirectory } from '../../../src/registry/terminal-directory.js';
import { LateDoor } from '../../../src/reissue/late-door.js';
import { Restorations } from '../../../src/reissue/restorations.js';
import { testPool } from '../../support/pool.js';
import type { TestServer } from '../../support/server.js';
import { certify, makeTerminal, registerCertificate, type TestTerminal } from '../../support/terminals.js';
import { codeOf, type Made, type Model, type Refused, TILLS } from './model.js';

/** Of the last first, so that rows go before those that they name. */
const TABLES = ['ledger_original', 'invoice_warning', 'ledger_tax', 'content', 'ledger'];
/** The server's doors, with terminals of one run. */
export class Real {
  private constructor(
    private readonly server: TestServer,
    readonly terminals: TestTerminal[],
  ) {}

  static async open(server: TestServer): Promise<Real> {
    return new Real(server, await Promise.all(Array.from({ length: TILLS }, () => makeTerminal(server))));
  }

  get #doors() {
    const { application } = this.server.running;
    return {
      issue: application.get(IssueDoor, { strict: false }),
      late: application.get(LateDoor, { strict: false }),
      restorations: application.get(Restorations, { strict: false }),
      missing: application.get(Missing, { strict: false }),
      kept: application.get(KeptTables, { strict: false }),
    };
  }

  /** The terminal as the registry has it now. */
  async #filed(till: number) {
    const filed = await new TerminalDirectory(this.server.superuser).byId(this.terminals[till]!.terminalId);
    if (filed === null) throw new Error('the terminal is not registered');
    return filed;
  }

  /** Signs with the certificate that the till has now. */
  sign(model: Model, till: number, change: Partial<Invoice> = {}, original: Made | null = null): Made {
    const { terminalId, taxpayerId, premisesId, key, thumbprint } = this.terminals[till]!;
    const journal = model.journals[till]!;
    const issuedAt = new Date().toISOString();
    const counter = change.counter ?? journal.counter + 1;
    const invoice = makeInvoice({
      terminalId,
      taxpayerId,
      premisesId,
      id: uuidV7(Date.now()),
      journalId: journal.id,
      counter,
      previousDigest: counter === 1 ? null : journal.digest,
      issuedAt,
      businessDay: issuedAt.slice(0, 'YYYY-MM-DD'.length),
      ...change,
    });
    return {
      till,
      invoice,
      ...signInvoice(invoice, key, thumbprint),
      original,
      given: null,
      isOnFile: false,
      isHeld: false,
    };
  }

  async issue({ jws, till }: Made, newestCode?: string) {
    const answer = await this.#doors.issue.issue(jws, await this.#filed(till), null, false, newestCode);
    if (!('result' in answer)) throw new Error(`a problem: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The problem with an invoice. */
  async problemOf({ jws, till }: Refused): Promise<string> {
    const answer = await this.#doors.issue.issue(jws, await this.#filed(till), null);
    return 'result' in answer ? answer.result : answer.code;
  }

  async reissue(till: number, list: readonly Made[], newestCode?: string) {
    const texts = list.map(({ jws }) => jws);
    return whole(await this.#doors.late.reissue(texts, await this.#filed(till), null, newestCode));
  }

  async missingOf(till: number, held: readonly Made[]): Promise<readonly string[]> {
    const request = { codes: held.map(codeOf), lastJump: null };
    return (await this.#doors.restorations.findMissing(request, await this.#filed(till))).missing;
  }

  async present(till: number, list: readonly Made[]): Promise<string[]> {
    const items = list.map(({ jws, given }) => ({ invoice: jws, receipt: given ?? '' }));
    return whole(await this.#doors.restorations.restore(items, await this.#filed(till))).results.map((result) =>
      'problem' in result ? result.problem.code : result.result,
    );
  }

  /** An older copy of the database is put back: it lacks these. */
  async forget(list: readonly Made[]): Promise<void> {
    await this.#delete(list.map((one) => codeOf(one).slice(0, 12)));
  }

  /** Leaves nothing behind, so that the sums of the next run are made anew as fast. */
  async end(): Promise<void> {
    const { rows } = await this.server.superuser.query<{ sequence: string }>(
      'SELECT sequence FROM ledger WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    await this.#delete(rows.map(({ sequence }) => sequence));
    await this.server.superuser.query('DELETE FROM refused_invoice WHERE terminal_id = ANY ($1)', [this.#names]);
  }

  async renew(till: number): Promise<void> {
    const terminal = this.terminals[till]!;
    const certified = await certify(this.server.keysDirectory, terminal.terminalId, terminal.taxpayerId);
    this.terminals[till] = { ...terminal, ...certified };
    await registerCertificate(this.server, this.terminals[till]);
  }

  /** Receipts of all that is on file of these terminals, by the invoice's id. */
  async receipts(): Promise<Record<string, string>> {
    const { rows } = await this.server.superuser.query<{ terminalId: string; invoiceId: string }>(
      'SELECT terminal_id AS "terminalId", invoice_id AS "invoiceId" FROM ledger WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    const found = await findRows(this.server.superuser, rows);
    return Object.fromEntries([...found.values()].map(({ row }) => [row.invoiceId, receiptOfRow(row)]));
  }

  async refused(): Promise<string[]> {
    const { rows } = await this.server.superuser.query<{ body: Buffer }>(
      'SELECT body FROM refused_invoice WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    return rows.map(({ body }) => body.toString());
  }

  /** As of the model, after the sums were made anew as a restored server does. */
  async findings(): Promise<string[]> {
    const operator = testPool(this.server.database.operatorUrl);
    await rebuildStatistics(operator);
    await operator.end();
    const { kept, missing } = this.#doors;
    await kept.catchUp();
    const list = async (kind: MissingKind) =>
      (await missing.list(kind, { terminalIds: this.#names }, { page: 1, pageSize: 1_000 }, 'all')).items;
    return [...(await list('gap')), ...(await list('fork')), ...(await list('broken_chain'))].flatMap((found) => {
      if (found.kind === 'gap')
        return Array.from({ length: found.count }, (_, index) => `gap ${found.journalId} ${found.from + index}`);
      if (found.kind === 'fork') return [`fork ${found.journalId} ${found.counter}`];
      return found.kind === 'broken_chain' ? [`broken_chain ${found.invoiceId}`] : [];
    });
  }

  async #delete(sequences: readonly string[]): Promise<void> {
    for (const table of TABLES)
      await this.server.superuser.query(`DELETE FROM ${table} WHERE sequence = ANY ($1)`, [sequences]);
  }

  get #names(): string[] {
    return this.terminals.map(({ terminalId }) => terminalId);
  }
}

function whole<Answer extends object>(answer: Answer | Problem): Answer {
  if ('retry' in answer) throw new Error(`a problem of the whole list: ${JSON.stringify(answer)}`);
  return answer;
}
