import { groupDigits } from '../screen/table.js';
import type { Paint } from '../screen/style.js';
import type { AuditReport } from './audit.js';
import type { Verdict } from './verdict.js';

const ID_COLUMNS = 8;
const COUNT_COLUMNS = 7;
const INDENT = ' '.repeat(10);

/** The report for people: a line for each verdict with the number of things looked at, its first findings below it. */
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

/** One verdict: held, broken or not checked, and how many things were looked at; findings and notes below it. */
export function verdictLines(verdict: Verdict, paint: Paint): string[] {
  const { id, title, held, findingCount, findings, noteCount, notes } = verdict;
  const mark = held === null ? paint('yellow', '–') : held ? paint('green', '✓') : paint('red', '✗');
  const checked = held === null ? '–' : groupDigits(verdict.checked);
  const lines = [`${mark} ${id.padEnd(ID_COLUMNS)}${checked.padStart(COUNT_COLUMNS)}  ${title}`];
  if (held === null) lines.push(`${INDENT}${paint('yellow', 'not checked:')} no till exports were given`);
  for (const finding of findings) lines.push(`${INDENT}${paint('red', 'found:')} ${finding}`);
  lines.push(...moreLine(findingCount - findings.length, 'found'));
  for (const note of notes) lines.push(`${INDENT}${paint('yellow', 'note:')} ${note}`);
  lines.push(...moreLine(noteCount - notes.length, 'noted'));
  return lines;
}

function moreLine(count: number, what: string): string[] {
  return count > 0 ? [`${INDENT}… ${groupDigits(count)} more ${what}`] : [];
}

/** The report for programs: one object, verdicts by id; `held` null means not checked. */
export function reportObject(report: AuditReport): object {
  const { verdicts, ...counts } = report;
  const byId = verdicts.map(({ id, ...verdict }) => [id, verdict]);
  return { ...counts, verdicts: Object.fromEntries(byId) };
}
