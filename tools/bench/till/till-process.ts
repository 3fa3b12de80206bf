import type dns from 'node:dns';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BillingInterface,
  enrol,
  type InvoiceDraft,
  openTill,
  type SaleResult,
} from '@tax-control/billing-interface';
import { PlainInserts } from '@tax-control/billing-interface/testing';
import { encodeInvoice, type Invoice } from '@tax-control/protocol';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { exportJournals } from '../../fleet/export-journals.js';
import { LINES, REFUND_EVERY, takenBack } from '../bench-till.js';
import type { TillCommand, TillReport } from './messages.js';

/* The process of one real till, started by the bench `till`. Its line is down while the name of the server is not found. */

const MS_PER_SECOND = 1_000;
/** Of a row of the journal beside the payload: signature and header of the JWS, digest, proof, ids and the small columns. */
const ROW_BYTES_BESIDE = 600;
const BASE64 = 4 / 3;
/** Drains of a till that ends before nothing waits, until the bench gives up: the server turned the till away. */
const DRAINS_MAX = 20;

let directory = '';
let till: BillingInterface;
let inserts: PlainInserts;
let isLineThere = true;
let sold = 0;
let lastSale: Invoice | null = null;
let lastChunkAt = 0;

/** The one function by which Node.js asks for names. */
function watchNames(): void {
  const names = createRequire(import.meta.url)('node:dns') as { lookup: typeof dns.lookup };
  const { lookup } = names;
  names.lookup = ((...given: Parameters<typeof lookup>) => {
    if (isLineThere) return lookup(...given);
    const [name] = given;
    const fault = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
    const answer = given.at(-1) as unknown as (error: Error) => void;
    process.nextTick(() => answer(fault));
  }) as typeof lookup;
}

async function obey(command: TillCommand): Promise<TillReport> {
  switch (command.command) {
    case 'enrol':
      await enrolHere(command.invitation, command.directory);
      break;
    case 'sell':
      return { report: 'times', times: await sell(command.sales) };
    case 'insert':
      return { report: 'times', times: insert(command.rows) };
    case 'drain':
      return { report: 'drained', ...(await drain()) };
    case 'finish':
      return { report: 'finished', exportFile: await finish(command.folder) };
  }
  return { report: 'done' };
}

async function enrolHere(invitation: string, folder: string): Promise<void> {
  directory = folder;
  const outcome = await enrol({ invitation, directory });
  if (outcome.result !== 'enrolled') throw new Error(`A till could not enrol (${outcome.cause}): ${outcome.detail}`);
  isLineThere = false;
  till = await openTill({
    directory,
    software: { name: 'bench', version: '1' },
    onStep: (step) => {
      if (step === 'chunk_answered') lastChunkAt = performance.now();
    },
  });
  inserts = new PlainInserts(join(directory, 'beside.sqlite'));
}

async function sell(sales: number): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < sales; count += 1) {
    sold += 1;
    const draft = draftOf(sold);
    const began = performance.now();
    const result = await till.issue(`sale-${sold}`, draft);
    times.push(performance.now() - began);
    note(result);
    // A customer comes by an event of his own: what else the till has to do may go before.
    await nextTurn();
  }
  return times;
}

/** As the other tills of the bench sell: one in twenty takes back what was sold before. */
function draftOf(number: number): InvoiceDraft {
  const isRefund = number % REFUND_EVERY === 0 && lastSale !== null;
  const { kind, currency, priceBasis, lines, payments } =
    isRefund && lastSale !== null ? takenBack(lastSale) : makeInvoiceOfLines(LINES[number % LINES.length] ?? 1);
  const draft = { kind, currency, priceBasis, lines, payments, number: `R-${number}` };
  if (!isRefund || lastSale === null) return draft;
  const { terminalId, id: invoiceId } = lastSale;
  return { ...draft, reference: { terminalId, invoiceId } };
}

function note(result: SaleResult): void {
  if (result.result !== 'stored_offline')
    throw new Error(`A sale with the line down was ${result.result}: ${'detail' in result ? result.detail : ''}`);
  const { invoice } = result;
  lastSale = invoice.kind === 'sale' ? invoice : null;
}

function insert(rows: number): number[] {
  const times: number[] = [];
  for (let count = 0; count < rows; count += 1) {
    const content = contentOf(LINES[count % LINES.length] ?? 1);
    const began = performance.now();
    inserts.insert(content);
    times.push(performance.now() - began);
  }
  return times;
}

/** As long as the rows of sales, by the number of lines. */
const contents = new Map<number, string>();

function contentOf(lines: number): string {
  const known = contents.get(lines);
  if (known !== undefined) return known;
  const bytes = Math.round(encodeInvoice(makeInvoiceOfLines(lines)).length * BASE64) + ROW_BYTES_BESIDE;
  const content = 'x'.repeat(bytes);
  contents.set(lines, content);
  return content;
}

/** Until the last answer of the late door: the log goes afterwards. */
async function drain(): Promise<{ invoices: number; seconds: number }> {
  const invoices = till.status().waiting;
  isLineThere = true;
  const began = performance.now();
  let left = invoices;
  for (let drains = 0; left > 0 && drains < DRAINS_MAX; drains += 1) ({ stillWaiting: left } = await till.drain());
  if (left > 0) throw new Error(`${left} of ${invoices} invoices of the till still wait`);
  return { invoices, seconds: (lastChunkAt - began) / MS_PER_SECOND };
}

async function finish(folder: string): Promise<string> {
  await till.close();
  inserts.close();
  const [exportFile = ''] = await exportJournals([directory], folder);
  return exportFile;
}

async function answer(command: TillCommand): Promise<TillReport> {
  try {
    return await obey(command);
  } catch (error) {
    return { report: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

watchNames();
process.on('message', (command: TillCommand) => void answer(command).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));
