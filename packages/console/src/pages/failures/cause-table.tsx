import { Anchor, Text } from '@mantine/core';
import type { CauseCount } from '@tax-control/protocol/console';
import { formatCount, formatShare } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { NotTried } from './not-tried.js';
import { Section } from '../../parts/section.js';
import { useAddressState } from '../../url/address-state.js';

/** Failures by cause; a click narrows the page to it. */
export function CauseTable({ causes, csv }: { readonly causes: readonly CauseCount[]; readonly csv: CsvSource }) {
  const { t, tag, code } = useLanguage();
  const { change } = useAddressState();
  const all = causes.reduce((sum, { count }) => sum + count.value, 0);
  const columns: readonly ColumnOf<CauseCount>[] = [
    {
      heading: `${t('column.cause')}, ${t('failures.group')}`,
      cell: ({ cause, group }) => (
        <>
          <Anchor
            component="button"
            type="button"
            size="sm"
            ta="start"
            aria-label={t('failures.show_entries', { name: code('cause', cause) })}
            onClick={() => change({ cause })}
          >
            {code('cause', cause)}
          </Anchor>
          <Text size="xs" c="dimmed" component="div">
            {code('group', group)}
          </Text>
        </>
      ),
    },
    {
      heading: t('column.count'),
      cell: ({ count, notTried }) => (
        <>
          {formatCount(count.value, tag)}
          <NotTried count={notTried.value} />
        </>
      ),
      number: true,
    },
    {
      heading: t('column.share'),
      cell: ({ count }) => <Share share={all === 0 ? 0 : count.value / all} />,
      number: true,
    },
    { heading: t('column.before'), cell: ({ count }) => formatCount(count.before, tag), number: true },
    { heading: t('column.same_weekday'), cell: ({ count }) => formatCount(count.sameWeekday, tag), number: true },
  ];
  return (
    <Section
      title={t('failures.by_cause')}
      lead={causes.some(({ notTried }) => notTried.value > 0) ? t('failures.not_tried_hint') : undefined}
      csv={csv}
    >
      <DataTable caption={t('failures.by_cause')} rows={causes} columns={columns} keyOf={({ cause }) => cause} />
    </Section>
  );
}

function Share({ share }: { readonly share: number }) {
  const { tag } = useLanguage();
  return (
    <>
      <span className="share-bar" aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {formatShare(share, tag)}
    </>
  );
}
