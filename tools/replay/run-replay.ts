import type { BillingInterface, SaleResult } from '@tax-control/billing-interface';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runAudit, type AuditReport } from '../audit/audit.js';
import { enrolTill } from '../fleet/enrol-till.js';
import { exportJournals } from '../fleet/export-journals.js';
import { addTaxRate, publishParameters, registerShop } from '../fleet/register-shop.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { OWNER_ONLY } from '../screen/throw-away-folder.js';
import { waitUntil } from '../fleet/wait-until.js';
import type { Things } from '../screen/things.js';
import { codesOfLedger, type DayTotals, totalsOfDrafts, totalsOfLedger, warningsOfLedger } from './day-totals.js';
import { Outage } from './outage.js';
import type { ShopInvoice } from './shop-invoice.js';
import { TAX_CATEGORY, toDraft } from './to-draft.js';

export interface ReplayOptions {
  readonly invoices: readonly ShopInvoice[];
  readonly tills: number;
  readonly outageMs: number;
  /** Per cent, as decimal string. */
  readonly vatRate: string;
  /** Empty folder for server, tills and exports. */
  readonly folder: string;
  readonly things: Things;
  /** Told each stage, and how far it is. */
  readonly onProgress: (stage: string, done: number, total: number, note?: string) => void;
}

/** An invoice that did not end with a code, and why. */
export interface NotAccepted {
  readonly saleId: string;
  readonly result: string;
  readonly why: string;
}

export interface ReplayResult {
  /** Summed from what the shop's software handed over. */
  readonly handedOver: readonly DayTotals[];
  /** Summed from what is in the ledger in the end. */
  readonly onFile: readonly DayTotals[];
  readonly issuedOnline: number;
  readonly storedOffline: number;
  readonly codes: { readonly given: number; readonly different: number };
  readonly warnings: Readonly<Record<string, number>>;
  readonly notAccepted: readonly NotAccepted[];
  readonly audit: AuditReport;
}

const TILLS_FOLDER = 'tills';

interface ReplayTill {
  readonly directory: string;
  readonly billing: BillingInterface;
}

/** Before the oldest of the shop's invoices: rates are in force then. */
const RATE_FROM = '2000-01-01';
/** After an outage of minutes a till looks for the server once in a minute. */
const NOTICE_LIMIT_MS = 90_000;
/** Drains of one till after which what still waits is reported as not accepted. */
const DRAINS_MAX = 5;

/**
 * Sells the invoices in order through real billing interfaces, one after another on each till, with one outage in the middle;
 * then lets the tills drain, audits, and sums up.
 * @throws when something that everything stands on fails
 */
export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const { invoices, folder, things, onProgress } = options;
  onProgress('starting everything', 0, 1);
  const local = await startLocal({ directory: join(folder, 'server'), signal: things.signal });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  const tills = await openTills(local, options);

  const drafts = invoices.map(toDraft);
  const answers = new Map<string, SaleResult>();
  const server = { killServer: () => local.server.kill(), startServer: () => local.server.start() };
  const outage = new Outage(server, invoices.length, options.outageMs, things.signal);
  await Promise.all(
    tills.map(async (till, lane) => {
      for (let index = lane; index < invoices.length; index += tills.length) {
        const [invoice, draft] = [invoices[index], drafts[index]];
        if (invoice === undefined || draft === undefined) continue;
        things.signal.throwIfAborted();
        await outage.before(index);
        await noticeServer(till, outage, things.signal);
        answers.set(invoice.saleId, await till.billing.issue(invoice.saleId, draft));
        onProgress('selling', answers.size, invoices.length, outage.isRunning ? 'server killed' : '');
      }
    }),
  );
  await outage.over();
  await drainAll(tills, onProgress);

  const ends = invoices.map(
    ({ saleId }, index) => tills[index % tills.length]?.billing.lookUp(saleId) ?? answers.get(saleId),
  );
  onProgress('auditing', 0, 1);
  for (const { billing } of tills) await billing.close();
  const exports = await exportJournals(
    tills.map((till) => till.directory),
    join(folder, TILLS_FOLDER),
  );
  const { auditor } = local.databaseUrls;
  return {
    handedOver: totalsOfDrafts(drafts),
    onFile: await totalsOfLedger(auditor),
    issuedOnline: countOf(answers, 'issued'),
    storedOffline: countOf(answers, 'stored_offline'),
    codes: await codesOfLedger(auditor),
    warnings: await warningsOfLedger(auditor),
    notAccepted: ends.flatMap((end) => whyNot(end) ?? []),
    audit: await runAudit({
      databaseUrl: auditor,
      keysDirectory: local.paths.keys,
      tillExports: exports,
      onProgress: ({ stage, done, total }) => onProgress(`auditing ${stage}`, done, total),
    }),
  };
}

function countOf(answers: ReadonlyMap<string, SaleResult>, result: SaleResult['result']): number {
  return [...answers.values()].filter((answer) => answer.result === result).length;
}

/** Null when the invoice has its code. */
export function whyNot(end: SaleResult | undefined): NotAccepted | null {
  if (end === undefined) throw new Error('an invoice was never handed to a till');
  const { saleId, result } = end;
  if (result === 'issued') return null;
  return { saleId, result, why: result === 'refused' ? `${end.problem.code}: ${end.problem.detail}` : end.detail };
}

/** After the outage each till finds out by itself that the server is back; customers come in the meantime no faster than that. */
async function noticeServer(till: ReplayTill, outage: Outage, signal: AbortSignal): Promise<void> {
  if (!outage.isOver) return;
  const what = 'a till finds out that the server is back';
  await waitUntil(what, { limitMs: NOTICE_LIMIT_MS, signal }, () => till.billing.status().circuit === 'closed');
}

async function openTills(local: LocalInstallation, options: ReplayOptions): Promise<ReplayTill[]> {
  const { folder, things, vatRate, onProgress } = options;
  await addTaxRate(local, TAX_CATEGORY, vatRate, RATE_FROM);
  await publishParameters(local, { address: local.addresses.terminals, verificationUrl: local.addresses.public });
  const invited = await registerShop(local, {
    taxpayerId: 'gift-retailer',
    taxpayerName: 'Gift retailer',
    premisesId: 'warehouse',
    premisesName: 'Warehouse',
    region: 'United Kingdom',
    activity: 'retail',
    address: 'United Kingdom',
    terminalIds: Array.from({ length: options.tills }, (_, index) => `till-${index + 1}`),
  });
  await mkdir(join(folder, TILLS_FOLDER), { mode: OWNER_ONLY });
  const tills: ReplayTill[] = [];
  for (const { terminalId, invitation } of invited) {
    const directory = join(folder, TILLS_FOLDER, terminalId);
    const billing = await enrolTill(invitation, directory, 'replay');
    tills.push({ directory, billing });
    things.add(() => billing.close());
    onProgress('enrolling tills', tills.length, invited.length);
  }
  return tills;
}

async function drainAll(tills: readonly ReplayTill[], onProgress: ReplayOptions['onProgress']): Promise<void> {
  const waiting = (): number => tills.reduce((sum, till) => sum + till.billing.status().waiting, 0);
  const total = waiting();
  const show = (): void => onProgress('backlog gets codes', total - waiting(), total);
  const timer = setInterval(show, 100);
  try {
    await Promise.all(
      tills.map(async (till) => {
        for (let drains = 0; drains < DRAINS_MAX && till.billing.status().waiting > 0; drains += 1)
          await till.billing.drain();
      }),
    );
  } finally {
    clearInterval(timer);
  }
}
