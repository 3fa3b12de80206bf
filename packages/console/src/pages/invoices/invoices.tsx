import { Stack } from '@mantine/core';
import type { InvoiceRow, Page } from '@tax-control/protocol/console';
import { useState } from 'react';
import { useUsualCurrency } from '../../api/currencies.js';
import { useLookUp } from '../../api/look-up.js';
import { useSession } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { PagedTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { Section } from '../../parts/section.js';
import { pageOf, pageQuery, useAddressState, useReportQuery } from '../../url/address-state.js';
import { useInvoiceColumns } from './invoice-columns.js';
import { InvoiceForm } from './invoice-form.js';
import { bodyOf, searchOf } from './invoice-search.js';
import { RefusedInvoices } from './refused-invoices.js';

const PATH = '/invoices/searches';

/**
 * Looks invoices up. What is looked for is in the address, the reason is not: who opens a colleague's link gives their own.
 */
export default function InvoicesPage() {
  const { t } = useLanguage();
  const { fullName } = useSession();
  const { parameters } = useAddressState();
  const { period, query } = useReportQuery();
  const usualCurrency = useUsualCurrency();
  const [asked, setAsked] = useState<{ readonly reason: string; readonly search: string } | null>(null);
  const criteria = bodyOf(parameters, period, usualCurrency);
  const isAsked = asked !== null && asked.search === searchOf(parameters) && criteria.ok;
  const body = isAsked ? { reason: asked.reason, ...criteria.body, ...pageQuery(pageOf(parameters)) } : null;
  const found = useLookUp<Page<InvoiceRow>>(PATH, body);
  const columns = useInvoiceColumns(period.zone, asked?.reason ?? '');
  return (
    <>
      <PageHead title={t('invoices.title')} lead={t('invoices.lead')} printedBy={fullName} zone={period.zone} />
      <PeriodBar period={period} />
      <Stack gap="sm" mt="sm">
        <InvoiceForm
          period={period}
          usualCurrency={usualCurrency}
          onAsk={(reason, of) => setAsked({ reason, search: searchOf(of) })}
        />
        {body !== null && (
          <Section title={t('invoices.results')} csv={{ path: PATH, posted: body }} long>
            <Answer of={found}>
              {(page) => (
                <PagedTable
                  caption={t('invoices.results')}
                  page={page}
                  columns={columns}
                  keyOf={({ terminalId, invoiceId }) => `${terminalId} ${invoiceId}`}
                />
              )}
            </Answer>
          </Section>
        )}
        <RefusedInvoices query={query} zone={period.zone} />
      </Stack>
    </>
  );
}
