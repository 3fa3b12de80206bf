import { Text } from '@mantine/core';
import type { Page, RefusedInvoiceRow } from '@tax-control/protocol/console';
import type { Query } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { NO_VALUE } from '../../format/format.js';
import { type Language, useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Instant, Place, TerminalLink } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';

const PATH = '/refused-invoices';

/** What tills sent in the period and never got a code for, with the cause. */
export function RefusedInvoices({ query, zone }: { readonly query: Query; readonly zone: string }) {
  const language = useLanguage();
  const { t, code } = language;
  const { parameters } = useAddressState();
  const { step: _step, ...whole } = query;
  const refused = useReport<Page<RefusedInvoiceRow>>(PATH, {
    ...whole,
    ...pageQuery(pageOf(parameters, 'refusedPage')),
  });
  const columns: readonly ColumnOf<RefusedInvoiceRow>[] = [
    { heading: t('invoices.refused_at'), cell: ({ refusedAt }) => <Instant at={refusedAt} zone={zone} />, tight: true },
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    {
      heading: t('column.cause'),
      cell: (row) => (
        <>
          {code('cause', row.cause)}
          <Text size="xs" c="dimmed" component="div" className="breakable">
            {wherein(row, language)}
          </Text>
        </>
      ),
      words: true,
    },
    { heading: t('column.premises'), cell: (row) => <Place name={row.premisesName} premisesId={row.premisesId} /> },
    { heading: t('column.door'), cell: ({ door }) => code('door', door), tight: true },
    { heading: t('invoices.counter'), cell: ({ counter }) => counter ?? NO_VALUE, number: true },
    { heading: t('column.invoice'), cell: ({ invoiceId }) => invoiceId ?? NO_VALUE, mono: true, tight: true },
  ];
  return (
    <Section title={t('invoices.refused')} lead={t('invoices.refused_lead')} csv={{ path: PATH, query: whole }} long>
      <Answer of={refused}>
        {(page) => (
          <PagedTable
            caption={t('invoices.refused')}
            page={page}
            pageName="refusedPage"
            columns={columns}
            keyOf={({ refusedId }) => refusedId}
          />
        )}
      </Answer>
    </Section>
  );
}

/** The server's sentence, which is English and for the maker of the till; in other languages the places that it speaks of. */
function wherein({ detail, pointers }: RefusedInvoiceRow, { t, tag }: Language): string {
  if (tag === 'en') return detail;
  return pointers.length === 0 ? '' : t('invoices.refused_places', { places: pointers.join(', ') });
}
