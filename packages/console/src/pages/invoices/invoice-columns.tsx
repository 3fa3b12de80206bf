import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import type { InvoiceRow } from '@tax-control/protocol/console';
import { formatCount, formatMoney } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { ColumnOf } from '../../parts/data-table.js';
import { Instant, Place, TerminalLink } from '../../parts/words.js';

/** A code in groups of five, as it is printed. */
export function inGroups(code: string): string {
  return code.replaceAll(/(\d{5})(?=\d)/g, '$1 ');
}

/** Columns of invoices that were found; the reason goes along to each, in no address. */
export function useInvoiceColumns(zone: string, reason: string): readonly ColumnOf<InvoiceRow>[] {
  const { t, tag, code } = useLanguage();
  return [
    {
      heading: t('invoices.code'),
      cell: ({ terminalId, invoiceId, code: digits }) => (
        <Anchor
          component={Link}
          to={`/invoices/${encodeURIComponent(terminalId)}/${encodeURIComponent(invoiceId)}`}
          state={{ reason }}
          size="sm"
          className="mono"
        >
          {inGroups(digits)}
        </Anchor>
      ),
      tight: true,
    },
    { heading: t('invoices.number'), cell: ({ number }) => number },
    { heading: t('invoices.sold'), cell: ({ issuedAt }) => <Instant at={issuedAt} zone={zone} />, tight: true },
    { heading: t('invoices.kind'), cell: ({ kind }) => code('kind', kind), tight: true },
    { heading: t('invoices.total'), cell: ({ total, currency }) => formatMoney(total, currency, tag), number: true },
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    { heading: t('column.premises'), cell: (row) => <Place name={row.premisesName} premisesId={row.premisesId} /> },
    { heading: t('column.door'), cell: ({ door }) => code('door', door), tight: true },
    { heading: t('invoices.counter'), cell: ({ counter }) => formatCount(counter, tag), number: true },
    { heading: t('invoices.warnings'), cell: ({ warnings }) => formatCount(warnings, tag), number: true },
  ];
}
