import { describe, expect, it } from 'vitest';
import { paintFor } from '../screen/style.js';
import type { AuditReport } from './audit.js';
import { reportLines, reportObject } from './report-lines.js';
import { Tally } from './verdict.js';

const plain = paintFor({ isTTY: false }, {});

function reportOf(...tallies: Tally[]): AuditReport {
  const verdicts = tallies.map((tally) => tally.verdict());
  const held = verdicts.every((verdict) => verdict.held !== false);
  return { held, environment: 'test', invoices: 12_345, refused: 0, tillInvoices: 3, verdicts };
}

describe('the report', () => {
  it('shows a held check in one line', () => {
    const tally = new Tally('I1');
    tally.looked(12_345);
    const lines = reportLines(reportOf(tally), plain);
    expect(lines).toStrictEqual([
      "12 345 invoices and 0 refusals of the test environment, 3 in tills' journals",
      '',
      '✓ I1       12 345  no code and no sequence number is given twice',
      '',
      'All that was checked holds.',
    ]);
  });

  it('shows a broken check with its first findings, however many there are', () => {
    const tally = new Tally('I6');
    for (let index = 0; index < 1_000; index += 1) tally.find(`finding ${index}`);
    tally.note('a note');
    const lines = reportLines(reportOf(tally), plain).join('\n');
    expect(lines).toContain('✗ I6            0  every invoice');
    expect(lines).toContain('… 990 more found');
    expect(lines).toContain('note: a note');
    expect(lines).toContain('finding 9');
    expect(lines).not.toContain('finding 10\n');
    expect(lines).toContain('Not everything holds');
  });

  it('says of a check that was not made that it was not', () => {
    const report = { ...reportOf(), verdicts: [new Tally('I3').verdict(false)] };
    expect(reportLines(report, plain).join('\n')).toContain('not checked: no till exports');
    expect(reportObject(report)).toMatchObject({ held: true, verdicts: { I3: { held: null, findingCount: 0 } } });
  });

  it('is coloured on terminals only, and not where people said no', () => {
    expect(paintFor({ isTTY: true }, {})('red', 'x')).toBe('\u001B[31mx\u001B[39m');
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'x')).toBe('x');
  });
});
