import { useState } from 'react';
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { AUDIT_ACTIONS, type AuditTrailPage, type AuditTrailRow } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { NO_VALUE } from '../../format/format.js';
import { factsInWords } from '../../format/member-words.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { Section } from '../../parts/section.js';
import { Instant } from '../../parts/words.js';
import { useAddressState, useReportQuery } from '../../url/address-state.js';

const PATH = '/audit-trail';

/** Who did what, newest first, for supervisors. */
export default function AuditTrailPageView() {
  const { t, code } = useLanguage();
  const { fullName } = useSession();
  const { one, change } = useAddressState();
  const { period } = useReportQuery();
  const { from, to, zone } = period;
  const query = { from, to, official: one('official'), action: one('action'), subject: one('subject') };
  const trail = useReport<AuditTrailPage>(PATH, { ...query, before: one('before') });
  const columns: readonly ColumnOf<AuditTrailRow>[] = [
    { heading: t('column.at'), cell: ({ at }) => <Instant at={at} zone={zone} />, tight: true },
    { heading: t('audit_trail.official'), cell: ({ official }) => official ?? NO_VALUE, tight: true },
    { heading: t('audit_trail.action'), cell: ({ action }) => code('action', action), words: true },
    { heading: t('audit_trail.subject'), cell: ({ subject }) => subject ?? NO_VALUE },
    { heading: t('audit_trail.reason'), cell: ({ reason }) => reason ?? NO_VALUE, words: true },
    { heading: t('audit_trail.facts'), cell: ({ facts }) => <FactsText facts={facts} zone={zone} />, words: true },
    { heading: t('audit_trail.remote'), cell: ({ remoteAddress }) => remoteAddress ?? NO_VALUE, tight: true },
  ];
  return (
    <>
      <PageHead title={t('audit_trail.title')} lead={t('audit_trail.lead')} printedBy={fullName} zone={zone} />
      <PeriodBar period={period} />
      <Group gap="xs" align="flex-end" mt="xs" className="no-print">
        <FilterText name="official" label={t('audit_trail.official')} />
        <Select
          label={t('audit_trail.action')}
          data={AUDIT_ACTIONS.map((value) => ({ value, label: code('action', value) }))}
          value={one('action')}
          onChange={(action) => change({ action, before: null })}
          placeholder={t('filter.any')}
          clearable
          searchable
          size="xs"
          w={220}
        />
        <FilterText name="subject" label={t('audit_trail.subject')} />
      </Group>
      <Stack gap="sm" mt="sm">
        <Section title={t('audit_trail.title')} csv={{ path: PATH, query }} long>
          <Answer of={trail}>
            {({ items, next }) => (
              <>
                <DataTable
                  caption={t('audit_trail.title')}
                  rows={items}
                  columns={columns}
                  keyOf={({ trailId }) => trailId}
                />
                <Group gap="xs" mt="xs" justify="flex-end" className="no-print">
                  {one('before') !== null && (
                    <Button variant="default" size="compact-sm" onClick={() => change({ before: null })}>
                      {t('audit_trail.newest')}
                    </Button>
                  )}
                  <Button
                    variant="default"
                    size="compact-sm"
                    disabled={next === null}
                    onClick={() => change({ before: next })}
                  >
                    {t('table.next')}
                  </Button>
                </Group>
              </>
            )}
          </Answer>
        </Section>
      </Stack>
    </>
  );
}

function FilterText({ name, label }: { readonly name: string; readonly label: string }) {
  const { one, change } = useAddressState();
  const [text, setText] = useState(one(name) ?? '');
  const apply = () => text !== (one(name) ?? '') && change({ [name]: text.trim(), before: null });
  return (
    <TextInput
      label={label}
      value={text}
      maxLength={100}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
      size="xs"
      w={180}
    />
  );
}

/** Names and figures as they were recorded, in words. */
function FactsText({ facts, zone }: Pick<AuditTrailRow, 'facts'> & { readonly zone: string }) {
  const language = useLanguage();
  return (
    <Text size="xs" component="div" className="breakable">
      {factsInWords(facts, language, zone)}
    </Text>
  );
}
