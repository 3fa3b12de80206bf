import type { CertificateRow, JournalRow, Missing, PendingInvoice, TerminalPage } from '@tax-control/protocol/console';
import { columns, table } from '../csv/table.js';

/** What is missing has members of its own for each kind; they go into one cell as they are. */
export const missingDetails = ({ kind: _kind, terminalId: _terminalId, since: _since, ...details }: Missing): string =>
  JSON.stringify(details);

export const MISSING_COLUMNS = columns<Missing>('kind', 'terminalId', 'since', ['details', missingDetails]);

/** The tables of a terminal's page, by the names under which they can be had as CSV. */
export const TERMINAL_TABLES = [
  table<TerminalPage, PendingInvoice>(
    'backlog',
    ({ backlog }) => backlog,
    columns<PendingInvoice>('invoiceId', 'firstAttemptAt', 'lastAttemptAt', 'attempts', 'lastCause'),
  ),
  table<TerminalPage, Missing>('missing', ({ missing }) => missing, MISSING_COLUMNS),
  table<TerminalPage, CertificateRow>(
    'certificates',
    ({ certificates }) => certificates,
    columns<CertificateRow>(
      'thumbprint',
      'serial',
      'notBefore',
      'notAfter',
      'issuedAt',
      'revokedAt',
      'revocationReason',
      'way',
      'parent',
      'callerAddress',
    ),
  ),
  table<TerminalPage, JournalRow>(
    'journals',
    ({ journals }) => journals,
    columns<JournalRow>('journalId', 'firstCounter', 'lastCounter', 'invoices', 'firstAt', 'lastAt'),
  ),
];
