import {
  HANDED_RESULTS,
  type HandedFinding,
  type HandedInvoice,
  type HandedJournal,
  type HandedResult,
} from '@tax-control/protocol/console';
import type { HandInRefusal } from '../handed-journals/hand-in.js';
import type { CertifiedNames } from '../handed-journals/survey-journal.js';
import { table } from './table.js';

/** Why a file was not taken, and what to do. */
export function refusalText(file: string, refusal: HandInRefusal): string {
  if (refusal.because === 'terminal_unknown') return unknownTerminalText(refusal.terminalId, refusal.names);
  return `${file} ${REFUSAL_TEXTS[refusal.because]}`;
}

const REFUSAL_TEXTS: Readonly<Record<Exclude<HandInRefusal['because'], 'terminal_unknown'>, string>> = {
  no_export: 'is no exported journal. Write one at the till: tax-terminal export --directory FOLDER --output FILE',
  cut:
    'is cut: its last line, which says what stands before it, is missing. Copy it again, or export the journal again. If there is no ' +
    'better copy, or if an older version of the till wrote it: --incomplete takes in what there is.',
  changed:
    'is not as it was exported: lines were changed, added or lost. Copy it again, or export the journal again. If there is no better ' +
    'copy: --incomplete takes in what there is; each invoice is checked by its signature.',
  no_terminal: 'names no terminal, and has no invoice or certificate that does. There is nothing in it to take in.',
  moved: 'changed while it was read. Nothing was stored. Let the program that writes it end, then try again.',
};

function unknownTerminalText(terminalId: string, names: CertifiedNames): string {
  const { taxpayerId, premisesId } = names;
  const where =
    taxpayerId === null || premisesId === null
      ? 'Its certificates do not say where it was.'
      : `Its certificate says that it was in the premises ${premisesId} of the taxpayer ${taxpayerId}.`;
  const [taxpayer, premises] = [taxpayerId ?? 'TAXPAYER', premisesId ?? 'PREMISES'];
  return (
    `There is no terminal ${terminalId}. ${where} Register it there, then hand the journal in again. What is on file already leave out:\n` +
    `  tax-control taxpayer add ${taxpayer} --name NAME\n` +
    `  tax-control premises add ${premises} --taxpayer ${taxpayer} --name NAME --region REGION --activity ACTIVITY --address ADDRESS\n` +
    `  tax-control terminal register ${terminalId} --premises ${premises}\n` +
    `If the till is gone for good, nobody needs the invitation that this makes: tax-control terminal revoke ${terminalId}`
  );
}

const STATE_TEXTS: Readonly<Record<HandedJournal['state'], string>> = {
  waiting: 'The servers have not taken all of it in yet; they go on by themselves, and a server must run. Look again:',
  deferred:
    'Some invoices are tried again by the servers, by themselves. Look again, or hand the same file in to try at once:',
  done: '',
  refused: '',
};

/** A journal and what became of it, in lines for people. */
export function journalLines(journal: HandedJournal): string[] {
  const { handedId, terminalId, state, results, invoices, isCheck, findings, findingsCount, refusedBecause } = journal;
  const what = isCheck ? 'Dry run: nothing was taken in. Journal' : `Journal ${handedId}`;
  const counted = ([...HANDED_RESULTS, 'waiting'] as const).filter((name) => results[name] > 0);
  const next = STATE_TEXTS[state];
  return [
    `${what} of the terminal ${terminalId}, ${invoices} ${invoices === 1 ? 'invoice' : 'invoices'}, handed in on ${journal.handedAt} by ` +
      `${journal.handedBy}: ${journal.reason}`,
    ...(refusedBecause === null
      ? []
      : [
          'None of it was taken in: no certificate that its invoices are signed by was issued by an authority of this installation. Is it the ' +
            'journal of another one, or of a test?',
        ]),
    ...(invoices === 0
      ? []
      : [
          '',
          table(
            ['RESULT', 'INVOICES'],
            counted.map((name) => [RESULT_TEXTS[name], String(results[name])]),
          ),
        ]),
    ...(findings.length === 0
      ? []
      : ['', 'What the journal lacks:', ...findings.map((one) => `  ${findingText(one)}`)]),
    ...(findingsCount > findings.length ? [`  and ${findingsCount - findings.length} more`] : []),
    ...(next === '' ? [] : ['', `${next} tax-control journal show ${handedId}`]),
  ];
}

const RESULT_TEXTS: Readonly<Record<HandedResult | 'waiting', string>> = {
  restored: 'restored, with the receipt that they had',
  on_file: 'on file, with the receipt that they have',
  issued: 'issued now',
  already_issued: 'on file already',
  refused: 'refused',
  deferred: 'deferred',
  waiting: 'not looked at yet',
};

const FILE_TEXTS = {
  cut: 'The file is cut: nobody knows what followed its last line.',
  changed: 'The file is not as it was exported.',
};

function findingText(finding: HandedFinding): string {
  if ('line' in finding) return `Line ${finding.line}: ${finding.what}`;
  if (!('journalId' in finding)) return FILE_TEXTS[finding.kind];
  const journal = `Journal ${finding.journalId}:`;
  if ('from' in finding) return `${journal} counters ${finding.from} to ${finding.to} are missing.`;
  const what =
    finding.kind === 'counter_twice' ? 'was used twice' : 'does not name the digest of the invoice before it';
  return `${journal} counter ${finding.counter} ${what}.`;
}

/** The first invoices that were refused or deferred, in lines for people. */
export function oddLines({ handedId, results }: HandedJournal, odd: readonly HandedInvoice[]): string[] {
  if (odd.length === 0) return [];
  const more = results.refused + results.deferred - odd.length;
  return [
    '',
    invoiceTable(odd),
    ...(more > 0 ? [`and ${more} more: tax-control journal show ${handedId} --result refused`] : []),
  ];
}

export function invoiceTable(invoices: readonly HandedInvoice[]): string {
  return table(
    ['LINE', 'COUNTER', 'INVOICE', 'RESULT', 'CODE OR PROBLEM', 'WARNINGS'],
    invoices.map(({ line, counter, invoiceId, result, code, problem, warnings }) => [
      String(line),
      String(counter ?? ''),
      invoiceId ?? '',
      result ?? '',
      problem === null ? (code ?? '') : `${problem.code}: ${problem.title}`,
      warnings.join(' '),
    ]),
  );
}
