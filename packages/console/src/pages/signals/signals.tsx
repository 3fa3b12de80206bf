import { useState } from 'react';
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { type Page, type Signal, SIGNAL_MARKS, SIGNAL_RULES } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatInstant } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Dot, Place, TerminalLink } from '../../parts/words.js';
import { filterQuery, pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { MARK_TONES, MarkForm } from './mark-form.js';
import { formatMeasure, sayFact } from './signal-figures.js';

const PATH = '/signals';

/** What is odd, by rule. A signal is a reason to look, and whoever looked says what came of it. */
export default function SignalsPage() {
  const language = useLanguage();
  const { t, tag, code } = language;
  const { fullName } = useSession();
  const { parameters, one, change } = useAddressState();
  const zone = useZone();
  const [marking, setMarking] = useState<Signal | null>(null);
  const { region, taxpayerId, premisesId, terminalId } = filterQuery(parameters);
  const query = { region, taxpayerId, premisesId, terminalId, rule: one('rule'), mark: one('mark') };
  const signals = useReport<Page<Signal>>(PATH, { ...query, ...pageQuery(pageOf(parameters)) });
  const columns: readonly ColumnOf<Signal>[] = [
    { heading: t('signals.rule'), cell: ({ rule }) => code('rule', rule), words: true },
    {
      heading: t('signals.subject'),
      cell: ({ subject, subjectId }) => (subject === 'terminal' ? <TerminalLink terminalId={subjectId} /> : subjectId),
      tight: true,
    },
    { heading: t('column.premises'), cell: (row) => <Place name={row.premisesName} premisesId={row.premisesId} /> },
    { heading: t('column.region'), cell: ({ region: place }) => place },
    {
      heading: t('period.label'),
      cell: ({ from, to }) => <SignalPeriod from={from} to={to} zone={zone} />,
      tight: true,
    },
    { heading: t('signals.measured'), cell: ({ rule, measured }) => formatMeasure(rule, measured, tag), number: true },
    {
      heading: t('signals.threshold'),
      cell: ({ rule, threshold }) => formatMeasure(rule, threshold, tag),
      number: true,
    },
    {
      heading: t('signals.facts'),
      cell: ({ facts }) => (
        <Text size="xs" component="div">
          {facts.map((fact) => sayFact(fact, language)).join(', ')}
        </Text>
      ),
      words: true,
    },
    { heading: t('signals.mark'), cell: (signal) => <MarkOf signal={signal} zone={zone} /> },
    {
      heading: t('column.actions'),
      cell: (signal) => (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`${t('signals.mark_this')}: ${code('rule', signal.rule)} ${signal.subjectId}`}
          onClick={() => setMarking(signal)}
        >
          {t('signals.mark_this')}
        </Button>
      ),
    },
  ];
  return (
    <>
      <PageHead title={t('signals.title')} lead={t('signals.lead')} printedBy={fullName} zone={zone} />
      <Group gap="xs" align="flex-end" className="no-print">
        <Select
          label={t('signals.rule')}
          data={SIGNAL_RULES.map((value) => ({ value, label: code('rule', value) }))}
          value={one('rule')}
          onChange={(rule) => change({ rule })}
          placeholder={t('filter.any')}
          clearable
          size="xs"
          w={300}
        />
        <Select
          label={t('signals.mark')}
          data={SIGNAL_MARKS.map((value) => ({ value, label: code('mark', value) }))}
          value={one('mark')}
          onChange={(mark) => change({ mark })}
          placeholder={t('filter.any')}
          clearable
          size="xs"
          w={180}
        />
      </Group>
      <FilterBar placesOnly />
      <Stack gap="sm" mt="sm">
        <Section title={t('signals.title')} csv={{ path: PATH, query }} long>
          <Answer of={signals}>
            {(page) => (
              <PagedTable
                caption={t('signals.title')}
                page={page}
                columns={columns}
                keyOf={({ signalId }) => signalId}
              />
            )}
          </Answer>
        </Section>
      </Stack>
      {marking !== null && <MarkForm signal={marking} close={() => setMarking(null)} />}
    </>
  );
}

function SignalPeriod({ from, to, zone }: { readonly from: string; readonly to: string; readonly zone: string }) {
  const { tag } = useLanguage();
  const format = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: zone });
  return format.formatRange(new Date(from), new Date(Math.max(Date.parse(from), Date.parse(to) - 1)));
}

function MarkOf({
  signal: { mark, markedBy, markedAt, note },
  zone,
}: {
  readonly signal: Signal;
  readonly zone: string;
}) {
  const { t, tag, code } = useLanguage();
  return (
    <>
      <Dot tone={MARK_TONES[mark]}>{code('mark', mark)}</Dot>
      {markedBy !== null && (
        <Text size="xs" c="dimmed" component="div">
          {t('signals.marked_by', { name: markedBy, at: formatInstant(markedAt, tag, zone) })}
          {note !== null && `: ${note}`}
        </Text>
      )}
    </>
  );
}
