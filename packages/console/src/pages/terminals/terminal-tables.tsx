import { Text } from '@mantine/core';
import type { CertificateRow, JournalRow, PendingInvoice, TerminalPage } from '@tax-control/protocol/console';
import { useMay } from '../../api/session.js';
import { formatCount, NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Dot, Instant } from '../../parts/words.js';
import { RevokeCertificate } from './revoke-certificate.js';

interface TerminalTableProps {
  readonly terminal: TerminalPage;
  readonly zone: string;
  readonly csv: CsvSource;
}

/** Invoices that the till told of and that have no code yet, the oldest first. */
export function Backlog({ terminal, zone, csv }: TerminalTableProps) {
  const { t, tag, code } = useLanguage();
  const columns: readonly ColumnOf<PendingInvoice>[] = [
    { heading: t('column.invoice'), cell: ({ invoiceId }) => invoiceId, mono: true },
    {
      heading: `${t('terminal.backlog_first')} / ${t('terminal.backlog_last')}`,
      cell: ({ firstAttemptAt, lastAttemptAt }) => <FromTo from={firstAttemptAt} to={lastAttemptAt} zone={zone} />,
      tight: true,
    },
    { heading: t('terminal.backlog_attempts'), cell: ({ attempts }) => formatCount(attempts, tag), number: true },
    { heading: t('column.cause'), cell: ({ lastCause }) => (lastCause === null ? NO_VALUE : code('cause', lastCause)) },
  ];
  return (
    <Section title={`${t('terminal.backlog')} (${formatCount(terminal.pending, tag)})`} csv={csv}>
      <DataTable
        caption={t('terminal.backlog')}
        rows={terminal.backlog}
        columns={columns}
        keyOf={({ invoiceId }) => invoiceId}
      />
    </Section>
  );
}

export function Certificates({ terminal, zone, csv }: TerminalTableProps) {
  const { t, code } = useLanguage();
  const may = useMay();
  const serials = new Map(terminal.certificates.map(({ thumbprint, serial }) => [thumbprint, serial]));
  const columns: readonly ColumnOf<CertificateRow>[] = [
    { heading: t('terminal.certificate_serial'), cell: ({ serial }) => serial, mono: true },
    {
      heading: t('terminal.certificate_way'),
      cell: ({ way, parent, callerAddress }) => (
        <>
          {code('way', way)}
          <Text component="div" size="xs" c="dimmed">
            {parent !== null && t('terminal.certificate_parent', { serial: serials.get(parent) ?? parent })}{' '}
            {callerAddress}
          </Text>
        </>
      ),
    },
    {
      heading: t('terminal.certificate_from'),
      cell: ({ notBefore }) => <Instant at={notBefore} zone={zone} to="minute" />,
      tight: true,
    },
    {
      heading: t('terminal.certificate_until'),
      cell: ({ notAfter }) => <Instant at={notAfter} zone={zone} to="minute" />,
      tight: true,
    },
    {
      heading: t('terminal.certificate_revoked'),
      cell: ({ thumbprint, revokedAt, revocationReason }) =>
        revokedAt === null ? (
          may('operator') ? (
            <RevokeCertificate terminal={terminal} thumbprint={thumbprint} />
          ) : (
            NO_VALUE
          )
        ) : (
          <Dot tone="bad">
            <Instant at={revokedAt} zone={zone} to="minute" /> {revocationReason}
          </Dot>
        ),
    },
  ];
  return (
    <Section title={t('terminal.certificates')} csv={csv}>
      <DataTable
        caption={t('terminal.certificates')}
        rows={terminal.certificates}
        columns={columns}
        keyOf={({ thumbprint }) => thumbprint}
      />
    </Section>
  );
}

export function Journals({ terminal, zone, csv }: TerminalTableProps) {
  const { t, tag } = useLanguage();
  const columns: readonly ColumnOf<JournalRow>[] = [
    { heading: t('missing.journal'), cell: ({ journalId }) => journalId, mono: true },
    { heading: t('missing.counters'), cell: (row) => `${row.firstCounter} – ${row.lastCounter}`, number: true },
    { heading: t('terminal.journal_invoices'), cell: ({ invoices }) => formatCount(invoices, tag), number: true },
    {
      heading: `${t('terminal.journal_first')} / ${t('terminal.journal_last')}`,
      cell: ({ firstAt, lastAt }) => <FromTo from={firstAt} to={lastAt} zone={zone} />,
      tight: true,
    },
  ];
  return (
    <Section title={t('terminal.journals')} csv={csv}>
      <DataTable
        caption={t('terminal.journals')}
        rows={terminal.journals}
        columns={columns}
        keyOf={({ journalId }) => journalId}
      />
    </Section>
  );
}

function FromTo({ from, to, zone }: { readonly from: string; readonly to: string; readonly zone: string }) {
  return (
    <>
      <Instant at={from} zone={zone} to="minute" />
      <Text component="div" size="xs">
        <Instant at={to} zone={zone} to="minute" />
      </Text>
    </>
  );
}
