import { useEffect, useRef } from 'react';
import { Alert, Anchor, List, Stack, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';
import {
  HANDED_RESULTS,
  type HandedFinding,
  type HandedInvoice,
  type HandedJournal,
  type Page,
} from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatCount, NO_VALUE } from '../../format/format.js';
import { type Language, useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { AddressTabs } from '../../parts/tabs.js';
import { Dot, Facts, Instant, InvoiceLink, TerminalLink } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { inGroups } from '../invoices/invoice-columns.js';
import { JOURNAL_TONES } from './journal-tones.js';

/** While the servers take a journal in, the page asks again, in milliseconds. */
const LOOK_MS = 2_000;

/** One journal: who handed it in and why, what it lacks, and what became of each invoice. */
export default function JournalPage() {
  const { handedId = '' } = useParams();
  const path = `/journals/${encodeURIComponent(handedId)}`;
  const journal = useReport<HandedJournal>(path);
  const { refetch, data } = journal;
  const isWaiting = data?.state === 'waiting';
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(() => void refetch(), LOOK_MS);
    return () => clearInterval(timer);
  }, [isWaiting, refetch]);
  return (
    <Answer of={journal}>
      {(found) => (
        <>
          <Journal journal={found} />
          {found.invoices > 0 && <Invoices journal={found} path={`${path}/invoices`} />}
        </>
      )}
    </Answer>
  );
}

function Journal({ journal }: { readonly journal: HandedJournal }) {
  const language = useLanguage();
  const { t, tag, code } = language;
  const { fullName } = useSession();
  const zone = useZone();
  const { handedId, terminalId, state, results, findings, findingsCount, isCheck } = journal;
  const title = isCheck
    ? t('journals.title_of_check', { terminal: terminalId })
    : t('journals.title_of', { id: handedId, terminal: terminalId });
  const counted = ([...HANDED_RESULTS, 'waiting'] as const).filter((name) => results[name] > 0);
  return (
    <>
      <PageHead title={title} printedBy={fullName} zone={zone}>
        <Anchor component={Link} to="/journals" size="sm">
          {t('journals.back')}
        </Anchor>
      </PageHead>
      <Stack gap="sm" mb="sm">
        {journal.refusedBecause !== null && (
          <Alert color="red" variant="light">
            {t(`journals.${journal.refusedBecause}`)}
          </Alert>
        )}
        <Section title={t('journals.what')}>
          <Facts
            facts={[
              [t('column.terminal'), <TerminalLink key="terminal" terminalId={terminalId} />],
              [
                t('column.status'),
                <Dot key="state" tone={JOURNAL_TONES[state]}>
                  {code('handed_state', state)}
                </Dot>,
              ],
              [t('journals.handed_at'), <Instant key="at" at={journal.handedAt} zone={zone} />],
              [t('journals.handed_by'), journal.handedBy],
              [t('form.reason'), journal.reason],
              [
                t('journals.digest'),
                <span key="digest" className="mono breakable">
                  {journal.digest}
                </span>,
              ],
              ...(journal.dueAt !== null && state === 'deferred'
                ? [[t('journals.due'), <Instant key="due" at={journal.dueAt} zone={zone} to="minute" />] as const]
                : []),
              [t('journals.invoices'), formatCount(journal.invoices, tag)],
              ...counted.map((name) => [code('handed_result', name), formatCount(results[name], tag)] as const),
            ]}
          />
        </Section>
        {findings.length > 0 && (
          <Section title={t('journals.findings')} lead={t('journals.findings_lead')}>
            <List size="sm">
              {findings.map((finding) => (
                <List.Item key={JSON.stringify(finding)}>{findingInWords(finding, language)}</List.Item>
              ))}
            </List>
            {findingsCount > findings.length && (
              <Text size="sm">{t('journals.findings_more', { count: findingsCount - findings.length })}</Text>
            )}
          </Section>
        )}
      </Stack>
    </>
  );
}

function findingInWords(finding: HandedFinding, { t }: Language): string {
  if ('line' in finding) return t('handed_finding.unreadable', { line: finding.line, what: finding.what });
  if (!('journalId' in finding)) return t(`handed_finding.${finding.kind}`);
  const { journalId: journal } = finding;
  if ('from' in finding) return t('handed_finding.counters_missing', { journal, from: finding.from, to: finding.to });
  return t(`handed_finding.${finding.kind}`, { journal, counter: finding.counter });
}

function Invoices({ journal, path }: { readonly journal: HandedJournal; readonly path: string }) {
  const { t, tag, code } = useLanguage();
  const { parameters, one } = useAddressState();
  const result = HANDED_RESULTS.find((name) => name === one('result')) ?? null;
  const query = { result };
  const invoices = useReport<Page<HandedInvoice>>(path, { ...query, ...pageQuery(pageOf(parameters)) });
  // While the servers go on, what was asked for before is not what is there now.
  const { refetch } = invoices;
  const { waiting } = journal.results;
  const shown = useRef(waiting);
  useEffect(() => {
    if (shown.current === waiting) return;
    shown.current = waiting;
    void refetch();
  }, [waiting, refetch]);
  const isOnFile = ({ result: became }: HandedInvoice): boolean =>
    !journal.isCheck && became !== null && became !== 'refused' && became !== 'deferred';
  const columns: readonly ColumnOf<HandedInvoice>[] = [
    { heading: t('journals.line'), cell: ({ line }) => line, number: true },
    { heading: t('invoices.counter'), cell: ({ counter }) => counter ?? NO_VALUE, number: true },
    { heading: t('journals.result'), cell: (row) => code('handed_result', row.result ?? 'waiting') },
    {
      heading: t('journals.code_or_problem'),
      cell: (row) => {
        if (row.problem !== null) return code('cause', row.problem.code);
        return row.code === null ? NO_VALUE : <span className="mono tight">{inGroups(row.code)}</span>;
      },
    },
    {
      heading: t('column.invoice'),
      cell: (row) => {
        if (row.invoiceId === null) return NO_VALUE;
        if (!isOnFile(row)) return <span className="mono">{row.invoiceId}</span>;
        return <InvoiceLink terminalId={journal.terminalId} invoiceId={row.invoiceId} />;
      },
      tight: true,
    },
  ];
  const tabs = [
    { name: 'all', text: t('journals.all') },
    ...HANDED_RESULTS.filter((name) => journal.results[name] > 0).map((name) => ({
      name,
      text: code('handed_result', name),
      count: formatCount(journal.results[name], tag),
    })),
  ];
  return (
    <Stack gap="sm">
      <AddressTabs label={t('journals.result')} member="result" value={result ?? 'all'} tabs={tabs} />
      <Section title={t('journals.invoices')} csv={{ path, query }} long>
        <Answer of={invoices}>
          {(page) => (
            <PagedTable
              caption={t('journals.invoices')}
              page={page}
              columns={columns}
              keyOf={({ line }) => String(line)}
            />
          )}
        </Answer>
      </Section>
    </Stack>
  );
}
