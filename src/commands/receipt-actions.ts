import { readFile } from 'node:fs/promises';
import { type Clock, formatAmount, formatCode, minorDigits } from '@tax-control/protocol';
import type { HandedReceipt, KnownReceipt, ReceiptFacts } from '@tax-control/protocol/console';
import { commandLine } from '../administration/actor.js';
import { readKeysSettings } from '../configuration/read-settings.js';
import { listReceiptsAlone } from '../handed-receipts/known-receipt-store.js';
import { codeOfQr, printedTime } from '../handed-receipts/printed.js';
import { type Handed, takeInReceipt } from '../handed-receipts/take-in-receipt.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { KeyRing } from '../keys/key-ring.js';
import { readTypedTotal } from '../ledger/typed-total.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type NotDone, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { table } from './table.js';

export interface TakeInOptions {
  readonly reason: string;
  readonly dryRun?: true;
  readonly code?: string;
  readonly terminal?: string;
  readonly counter?: number;
  readonly soldAt?: string;
  readonly total?: string;
  readonly currency?: string;
  readonly kind: ReceiptFacts['kind'];
  readonly type: ReceiptFacts['type'];
}

export interface ListReceiptsOptions {
  readonly terminal?: string;
  readonly limit?: number;
}

const LIST_LIMIT = 100;

/** `take-in` */
export async function takeIn(file: string | undefined, options: TakeInOptions, clock: Clock): Promise<Outcome> {
  const handed = file === undefined ? printOf(options) : await signedOf(file, options);
  if ('done' in handed) return handed;
  const keys = new KeyRing(new DirectoryCustody(readKeysSettings().directory), clock);
  return withDatabase(async (pool) => {
    const { login } = await commandLine(pool);
    const answer = await takeInReceipt(
      pool,
      {
        handed,
        takenBy: login,
        reason: options.reason,
        isCheck: options.dryRun === true,
        sees: () => true,
        tries: null,
        record: recordCommand,
      },
      keys,
    );
    if ('title' in answer) {
      const { code, title, detail } = answer;
      return { ...refused(`${title} ${detail}`), details: { problem: code } };
    }
    return done(answer, textOf(answer));
  });
}

/** `list` */
export function listReceipts({ terminal: terminalId, limit = LIST_LIMIT }: ListReceiptsOptions): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const receipts = await listReceiptsAlone(pool, { terminalId: terminalId ?? null, limit });
    const heading = ['CODE', 'PROVEN BY', 'TERMINAL', 'COUNTER', 'SOLD', 'TOTAL', 'TAKEN IN', 'BY', 'REASON'];
    return done({ receipts }, table(heading, receipts.map(rowOf)));
  });
}

function rowOf(one: KnownReceipt): string[] {
  const { code, knownBy, terminalId, counter, issuedAt, takenAt, takenBy, reason } = one;
  return [formatCode(code), knownBy, terminalId, String(counter), issuedAt, moneyOf(one), takenAt, takenBy, reason];
}

async function signedOf(file: string, options: TakeInOptions): Promise<Handed | NotDone> {
  const beside = (['code', 'terminal', 'counter', 'soldAt', 'total', 'currency'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (beside.length > 0) return misused('Name the signed receipt, or what the paper shows, not both');
  try {
    return { by: 'receipt', text: await readFile(file, 'utf8') };
  } catch (error) {
    return misused(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function printOf({ code, terminal, counter, soldAt, total, currency, kind, type }: TakeInOptions): Handed | NotDone {
  if (
    code === undefined ||
    terminal === undefined ||
    counter === undefined ||
    soldAt === undefined ||
    total === undefined ||
    currency === undefined
  )
    return misused(
      'Name the file of the signed receipt, or all that the paper shows: --code, --terminal, --counter, --sold-at, --total, --currency',
    );
  const time = printedTime(soldAt);
  if (time === null) return misused('--sold-at must be a time with its offset, like 2026-11-22 18:21:07+08:00');
  if (!/^[A-Z]{3}$/.test(currency)) return misused('--currency must be three capital letters, like GBP');
  const amount = readTypedTotal(total, currency);
  if (amount === null) return misused(`--total must be an amount with ${minorDigits(currency)} decimals, as printed`);
  const print = { code: codeOfQr(code), terminalId: terminal, counter, soldAt: time, total: amount, currency };
  return { by: 'print', print: { ...print, kind, type } };
}

const RESULT_TEXTS: Readonly<Record<HandedReceipt['result'], string>> = {
  taken_in:
    'The receipt was taken in. Its number is accounted for; the invoice itself is not on file, and no sums count it.',
  known: 'The receipt was taken in before.',
  on_file: 'The invoice of the receipt is on file. There is nothing to take in.',
};

function textOf({ result, isCheck, facts, known }: HandedReceipt): string {
  const proof = facts.knownBy === 'receipt' ? 'the server’s signature' : 'its code, which fits what is printed';
  return [
    isCheck && result === 'taken_in'
      ? 'Dry run: the receipt is genuine and would be taken in. Nothing was stored.'
      : RESULT_TEXTS[result],
    `Code ${formatCode(facts.code)} of the terminal ${facts.terminalId}, counter ${facts.counter}: ${facts.kind} of ${facts.issuedAt}, ` +
      `${moneyOf(facts)}. Proven by ${proof}.`,
    ...(known === null || result !== 'known' ? [] : [`By ${known.takenBy}, on ${known.takenAt}: ${known.reason}`]),
  ].join('\n');
}

function moneyOf({ total, currency }: Pick<ReceiptFacts, 'total' | 'currency'>): string {
  return `${formatAmount(total, currency)} ${currency}`;
}
