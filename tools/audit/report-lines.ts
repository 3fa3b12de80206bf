import { groupDigits } from '../screen/table.js';
import type { Paint } from '../screen/style.js';
import type { AuditReport } from './audit.js';
import type { Verdict } from './verdict.js';

const ID_COLUMNS = 8;
const TITLE_COLUMNS = 70;

/** The report for people: a line for each verdict, its first findings below it. */
export function reportLines(report: AuditReport, paint: Paint): string[] {
  const { environment, invoices, refused, tillInvoices } = report;
  const lines = [
    `${groupDigits(invoices)} invoices and ${groupDigits(refused)} refusals of the ${environment} environment, ` +
      `${groupDigits(tillInvoices)} in tills' journals`,
    '',
    ...report.verdicts.flatMap((verdict) => verdictLines(verdict, paint)),
    '',
    report.held ? paint('green', 'All that was checked holds.') : paint('red', 'Not everything holds; see above.'),
  ];
  return lines;
}

/** One verdict: held, BROKEN or not checked, with its figures. */
export function verdictLines(verdict: Verdict, paint: Paint): string[] {
  const mark = verdict.held === null ? paint('yellow', '–') : verdict.held ? paint('green', '✓') : paint('red', '✗');
  const lines = [`${mark} ${verdict.id.padEnd(ID_COLUMNS)}${verdict.title.padEnd(TITLE_COLUMNS)}`.trimEnd()];
  const figures =
    verdict.held === null ? 'not checked: no till exports were given' : `${groupDigits(verdict.checked)} looked at`;
  const found = verdict.findingCount > 0 ? `, ${groupDigits(verdict.findingCount)} findings` : '';
  const noted = verdict.noteCount > 0 ? `, ${groupDigits(verdict.noteCount)} notes` : '';
  lines.push(paint('dim', `  ${''.padEnd(ID_COLUMNS)}${figures}${found}${noted}`));
  for (const finding of verdict.findings) lines.push(`    ${paint('red', 'finding')} ${finding}`);
  for (const note of verdict.notes) lines.push(`    ${paint('yellow', 'note')} ${note}`);
  return lines;
}

/** The report for programs: one object, verdicts by id; `held` null means not checked. */
export function reportObject(report: AuditReport): object {
  const { verdicts, ...counts } = report;
  const byId = verdicts.map(({ id, ...verdict }) => [id, verdict]);
  return { ...counts, verdicts: Object.fromEntries(byId) };
}
