import { useState } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import { type CustomerReport, type Page, REPORT_STATES } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatInstant, NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { AddressTabs } from '../../parts/tabs.js';
import { Dot, Instant, Place, TerminalLink, type Tone } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { inGroups } from '../invoices/invoice-columns.js';
import { HandleForm } from './handle-form.js';

const PATH = '/reports';
const TONES: Readonly<Record<CustomerReport['state'], Tone>> = { new: 'warn', harmless: 'good', to_follow: 'bad' };

/** What customers said about receipts, from the page behind their QR. */
export default function CustomerReportsPage() {
  const { t, code } = useLanguage();
  const { fullName } = useSession();
  const { parameters, one } = useAddressState();
  const zone = useZone();
  const [handling, setHandling] = useState<CustomerReport | null>(null);
  const state = REPORT_STATES.find((name) => name === one('state')) ?? 'new';
  const reports = useReport<Page<CustomerReport>>(PATH, { state, ...pageQuery(pageOf(parameters)) });
  const columns: readonly ColumnOf<CustomerReport>[] = [
    { heading: t('column.received'), cell: ({ receivedAt }) => <Instant at={receivedAt} zone={zone} />, tight: true },
    { heading: t('customer_reports.kind'), cell: ({ kind }) => code('report_kind', kind) },
    { heading: t('customer_reports.text'), cell: ({ text }) => <span className="breakable">{text}</span>, words: true },
    { heading: t('customer_reports.receipt'), cell: (report) => <ReceiptOf report={report} /> },
    {
      heading: t('column.premises'),
      cell: ({ premisesName, premisesId }) =>
        premisesId === null ? NO_VALUE : <Place name={premisesName ?? ''} premisesId={premisesId} />,
    },
    { heading: t('customer_reports.state'), cell: (report) => <StateOf report={report} zone={zone} /> },
    {
      heading: t('column.actions'),
      cell: (report) => (
        <Button variant="default" size="compact-xs" onClick={() => setHandling(report)}>
          {t('customer_reports.handle')}
        </Button>
      ),
    },
  ];
  return (
    <>
      <PageHead
        title={t('customer_reports.title')}
        lead={t('customer_reports.lead')}
        printedBy={fullName}
        zone={zone}
      />
      <Stack gap="sm">
        <AddressTabs
          label={t('customer_reports.state')}
          member="state"
          value={state}
          tabs={REPORT_STATES.map((name) => ({ name, text: code('report_state', name) }))}
        />
        <Section title={code('report_state', state)} csv={{ path: PATH, query: { state } }} long>
          <Answer of={reports}>
            {(page) => (
              <PagedTable
                caption={t('customer_reports.title')}
                page={page}
                columns={columns}
                keyOf={({ reportId }) => reportId}
              />
            )}
          </Answer>
        </Section>
      </Stack>
      {handling !== null && <HandleForm report={handling} close={() => setHandling(null)} />}
    </>
  );
}

/** What the paper said, and what the server said of it. */
function ReceiptOf({ report: { code: digits, terminalId, invoiceId, standing } }: { readonly report: CustomerReport }) {
  const { code } = useLanguage();
  return (
    <>
      {digits !== null && <div className="mono tight">{inGroups(digits)}</div>}
      {terminalId !== null && <TerminalLink terminalId={terminalId} />}
      {invoiceId !== null && <div className="mono">{invoiceId}</div>}
      <Text size="xs" c="dimmed" component="div">
        {code('standing', standing)}
      </Text>
    </>
  );
}

function StateOf({ report, zone }: { readonly report: CustomerReport; readonly zone: string }) {
  const { t, tag, code } = useLanguage();
  return (
    <>
      <Dot tone={TONES[report.state]}>{code('report_state', report.state)}</Dot>
      {report.handledBy !== null && (
        <Text size="xs" c="dimmed" component="div">
          {t('signals.marked_by', { name: report.handledBy, at: formatInstant(report.handledAt, tag, zone) })}
          {report.note !== null && `: ${report.note}`}
        </Text>
      )}
    </>
  );
}
