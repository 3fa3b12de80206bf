import { randomUUID } from 'node:crypto';
import type { InvoiceResult, LogEntry, ReissueAnswer } from '@tax-control/protocol';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { receiptOf, type SignedSale, Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import type { TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

/** Two regions: three tills in the North, which had an outage an hour ago, and one in the South, which sold through. */
export interface Town {
  readonly north: readonly Till[];
  readonly south: Till;
  /** Invoices that were sold online in each region, and those that waited for the line in the North. */
  readonly soldNorth: readonly SignedSale[];
  readonly soldSouth: readonly SignedSale[];
  readonly waited: readonly SignedSale[];
  /** Code of the first sale of the South. */
  readonly codeSouth: string;
}

export const NORTH_TILLS = 3;
export const SALES_EACH = 4;
export const WAITED_EACH = 2;
/** A till may write what it likes into its log; a page must not take it for more than text. */
export const HOSTILE_DETAIL = '<img src=x onerror=alert(1)><script>alert(2)</script>=HYPERLINK("http://x")';
export const OUTAGE_CAUSE = 'connect_timeout';
const HOUR_MS = 3_600_000;

/** Makes the town by the tills' own way: signed invoices and transaction logs over real TLS. */
export async function makeTown(server: TestServer): Promise<Town> {
  const directory = new TerminalDirectory(server.superuser);
  const make = async (terminalId: string, region: string) => {
    const place = { taxpayerId: `taxpayer-${region}`, premisesId: `shop-${region}` };
    const terminal = await makeTerminal(server, { terminalId, ...place });
    await server.superuser.query('UPDATE premises SET region = $1, name = $2 WHERE premises_id = $3', [
      region,
      `Shop of the ${region}`,
      place.premisesId,
    ]);
    return new Till(terminal, directory);
  };
  const north: Till[] = [];
  for (let number = 1; number <= NORTH_TILLS; number++) north.push(await make(`north-${number}`, 'North'));
  const south = await make('south-1', 'South');
  const soldNorth = (await Promise.all(north.map((till) => sell(server, till)))).flat();
  const soldSouth = await sell(server, south);
  const waited = (await Promise.all(north.map((till) => outage(server, till)))).flat();
  await refuse(server, south);
  return { north, south, soldNorth, soldSouth, waited, codeSouth: soldSouth[0]?.code ?? '' };
}

type Sold = SignedSale & { readonly code: string };

async function sell(server: TestServer, till: Till): Promise<Sold[]> {
  const sold: Sold[] = [];
  for (let count = 0; count < SALES_EACH; count++) {
    const sale = till.sign();
    const attemptId = randomUUID();
    const body = { invoice: sale.jws };
    const headers = { 'attempt-id': attemptId };
    const answer = await call<InvoiceResult>(server, '/v1/invoices', { terminal: till.terminal, body, headers });
    sold.push({ ...sale, code: receiptOf(answer.json()).code });
    await upload(server, till, [entryOf(sale, { id: attemptId, outcome: 'issued', cause: null, detail: null })]);
  }
  return sold;
}

/** Two sales that found no line an hour ago, and were reissued when it was back. */
async function outage(server: TestServer, till: Till): Promise<SignedSale[]> {
  const at = new Date(Date.now() - HOUR_MS).toISOString();
  const waited = Array.from({ length: WAITED_EACH }, () => till.sign({ issuedAt: at }));
  await upload(
    server,
    till,
    waited.map((sale) => entryOf(sale, { at })),
  );
  const attemptId = randomUUID();
  const body = { invoices: waited.map(({ jws }) => jws) };
  const headers = { 'attempt-id': attemptId };
  const answer = await call<ReissueAnswer>(server, '/v1/reissues', { terminal: till.terminal, body, headers });
  if (answer.status !== 200) throw new Error(`the reissue was refused: ${answer.text}`);
  const door = 'reissue' as const;
  const entries = waited.map((sale) => entryOf(sale, { door, outcome: 'issued', cause: null, detail: null }));
  await upload(server, till, entries);
  return waited;
}

/** An invoice whose lines do not add up. */
async function refuse(server: TestServer, till: Till): Promise<void> {
  const sale = till.sign({ total: 1 });
  const id = randomUUID();
  const body = { invoice: sale.jws };
  await call(server, '/v1/invoices', { terminal: till.terminal, body, headers: { 'attempt-id': id } });
  await upload(server, till, [entryOf(sale, { id, outcome: 'refused', cause: 'total_arithmetic', detail: null })]);
}

function entryOf({ invoice }: SignedSale, over: Partial<LogEntry> = {}): LogEntry {
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    door: 'issue',
    invoiceId: invoice.id,
    outcome: 'failed',
    cause: OUTAGE_CAUSE,
    detail: HOSTILE_DETAIL,
    address: 'https://192.0.2.7:8443',
    connectMs: 40,
    tlsMs: 30,
    answerMs: 20,
    totalMs: 90,
    ...over,
  };
}

async function upload(server: TestServer, till: Till, entries: readonly LogEntry[]): Promise<void> {
  const answer = await call(server, '/v1/transaction-logs', { terminal: till.terminal, body: { entries } });
  if (answer.status !== 200) throw new Error(`the upload was refused: ${answer.text}`);
}
