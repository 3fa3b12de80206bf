import { formatCode, type LogEntry } from '@tax-control/protocol';
import type { DrainReport, JournalLoss, SaleFacts, SaleResult, TillStatus, TillTimeZone } from '../api.js';

/** Names in one column, values in the next. */
function table(rows: readonly (readonly [string, string | number | null])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value ?? '-'}`).join('\n');
}

/** The result of a sale, for people. */
export function describeSale(sale: SaleResult): string {
  if (sale.result === 'issued') {
    const warnings = sale.warnings.map(({ code, detail }): [string, string] => ['warning', `${code}: ${detail}`]);
    return table([
      ['result', 'issued'],
      ['tax control code', formatCode(sale.code)],
      ['invoice', `${sale.invoiceId} (counter ${sale.counter})`],
      ['registered', sale.receipt.registeredAt],
      ...repeatedRow(sale),
      ...warnings,
      ...describeNotices(sale),
    ]);
  }
  if (sale.result === 'stored_offline')
    return table([
      ['result', 'stored offline: the sale holds, its code comes later'],
      ['signature mark', sale.signatureMark],
      ['invoice', `${sale.invoiceId} (counter ${sale.counter})`],
      ...repeatedRow(sale),
      ['cause', sale.cause],
      ['what to do', sale.detail],
      ...(sale.limitWarning === undefined ? [] : [['limit', sale.limitWarning] as const]),
      ...describeNotices(sale),
    ]);
  return describeFailedSale(sale);
}

function repeatedRow({ firstAt }: Extract<SaleResult, { invoiceId: string }>): (readonly [string, string])[] {
  return firstAt === undefined ? [] : [['asked before', `the answer is that of ${firstAt}`]];
}

function describeNotices({ notices = [] }: SaleFacts): [string, string][] {
  return notices.map((notice) => ['notice', notice]);
}

function describeFailedSale(sale: Exclude<SaleResult, { result: 'issued' | 'stored_offline' }>): string {
  const problem = sale.problem;
  const faults = (problem?.errors ?? []).map(({ pointer, detail }): [string, string] => [
    'at',
    `${pointer || '/'}: ${detail}`,
  ]);
  return table([
    ['result', sale.result],
    ...(problem === undefined ? [] : [['problem', `${problem.code}: ${problem.title}`] as const]),
    ['what to do', sale.result === 'refused' ? sale.problem.detail : sale.detail],
    ...faults,
  ]);
}

/** How a till stands, for people. */
export function describeStatus(status: TillStatus): string {
  const { lastFailure } = status;
  return table([
    ['terminal', status.terminalId],
    ['journal', `${status.journalId}, last counter ${status.lastCounter}`],
    ['issued', status.issued],
    [
      'waiting for a code',
      status.waiting === 0 ? 0 : `${status.waiting}, oldest since ${status.oldestWaitingAt ?? '?'}`,
    ],
    ['refused', status.refused],
    ['line', { closed: 'up', open: 'down', probing: 'being tried' }[status.circuit]],
    ['last failure', lastFailure && `${lastFailure.at} ${lastFailure.cause} ${lastFailure.detail ?? ''}`.trim()],
    ['parameters', status.parametersVersion === null ? 'none yet' : `version ${status.parametersVersion}`],
    ['certificate until', status.certificateNotAfter],
    ['clock', describeClock(status)],
    ['time zone', describeZone(status.timeZone)],
    ['log entries to send', status.logWaiting],
    ...(status.mark.state === 'kept' ? [] : [['mark of the journal', describeMark(status.mark)] as const]),
    ...status.losses.map((loss) => ['lost', describeLoss(loss)] as const),
  ]);
}

function describeMark({ state, detail }: TillStatus['mark']): string {
  if (state === 'made_anew') return `made anew: ${detail}`;
  return `not written (${detail}): sales go on, but a loss of the disk may not be noticed. Check the disk and its rights.`;
}

function describeLoss({ detail, state, fetched, withoutContent, missing, problem }: JournalLoss): string {
  const back = `${fetched} fetched back${withoutContent === 0 ? '' : `, ${withoutContent} without content`}`;
  const now =
    state === 'to_fetch'
      ? `${back} so far; the rest follows when the line is up${problem === null ? '' : ` (${problem})`}`
      : `${back}, ${missing} are not at the server`;
  return `${detail} ${now}.`;
}

function describeClock({ clockBehind, clockOffsetMs }: TillStatus): string {
  if (clockBehind !== null) return `wrong: it is before ${clockBehind}, which has passed. Set date and time.`;
  return clockOffsetMs === null ? 'not measured yet' : `${clockOffsetMs} ms off`;
}

function describeZone({ name, from }: TillTimeZone): string {
  if (from === 'computer') return `${name} (of this computer: neither the parameters nor the configuration name one)`;
  return `${name} (${from})`;
}

/** What a drain did, for people. */
export function describeDrain(report: DrainReport): string {
  return table([
    ['issued', report.issued],
    ['issued before', report.alreadyIssued],
    ['refused', report.refused],
    ['deferred', report.deferred],
    ['still waiting', report.stillWaiting],
    ...(report.cause === null ? [] : [['stopped by', report.cause] as const]),
  ]);
}

/** Attempts, one a line, oldest first as logs are read. */
export function describeLog(entries: readonly LogEntry[]): string {
  if (entries.length === 0) return 'No attempts yet.';
  return entries
    .toReversed()
    .map(({ at, door, invoiceId, outcome, cause, detail, address, totalMs }) =>
      [
        at,
        door.padEnd(7),
        invoiceId,
        outcome.padEnd(14),
        `${totalMs ?? '-'} ms`,
        cause ?? '',
        address ?? '',
        detail ?? '',
      ]
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
