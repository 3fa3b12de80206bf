import { useState } from 'react';
import { Button, Radio } from '@mantine/core';
import type { TaxRateRow } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { useMay, useSession } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionButton, ActionForm } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { TextField } from '../../parts/text-field.js';

const PATH = '/tax-rates';

/** Tax rates with the days on which they hold. */
export default function TaxRatesPage() {
  const { t } = useLanguage();
  const may = useMay();
  const { view } = useSession();
  const [adding, setAdding] = useState(false);
  const rates = useReport<readonly TaxRateRow[]>(PATH);
  const administers = may('operator') && view.kind === 'all';
  const columns: readonly ColumnOf<TaxRateRow>[] = [
    { heading: t('tax_rates.category'), cell: ({ category }) => category },
    { heading: t('tax_rates.rate'), cell: ({ rate }) => rate, number: true },
    { heading: t('tax_rates.sort'), cell: ({ levy }) => t(sortOf(levy)), words: true },
    { heading: t('tax_rates.from'), cell: ({ from }) => from, tight: true },
    { heading: t('tax_rates.until'), cell: ({ until }) => until ?? t('tax_rates.open'), tight: true },
    ...(administers ? [{ heading: t('column.actions'), cell: (rate: TaxRateRow) => <Remove rate={rate} /> }] : []),
  ];
  return (
    <>
      <PageHead title={t('tax_rates.title')} lead={t('tax_rates.lead')} />
      <Section
        title={t('tax_rates.title')}
        csv={{ path: PATH }}
        long
        actions={
          administers && (
            <Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>
              {t('tax_rates.add')}
            </Button>
          )
        }
      >
        <Answer of={rates}>
          {(rows) => (
            <DataTable
              caption={t('tax_rates.title')}
              rows={rows}
              columns={columns}
              keyOf={({ category, from }) => `${category} ${from}`}
            />
          )}
        </Answer>
      </Section>
      {adding && <AddRate close={() => setAdding(false)} />}
    </>
  );
}

function Remove({ rate: { category, rate, from, removable } }: { readonly rate: TaxRateRow }) {
  const { t } = useLanguage();
  if (!removable) return null;
  return (
    <ActionButton
      text={t('tax_rates.remove')}
      label={t('tax_rates.remove_of', { category, rate, from })}
      act={() => send('POST', `${PATH}/removals`, { category, from })}
      dangerous
    />
  );
}

function sortOf(levy: TaxRateRow['levy']) {
  return levy === undefined ? 'tax_rates.tax' : (`tax_rates.levy_${levy}` as const);
}

function AddRate({ close }: { readonly close: () => void }) {
  const { t } = useLanguage();
  const [category, setCategory] = useState('');
  const [rate, setRate] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [levy, setLevy] = useState<TaxRateRow['levy']>(undefined);
  return (
    <ActionForm
      title={t('tax_rates.add')}
      opened
      close={close}
      submitText={t('form.add')}
      submit={() => send('POST', PATH, { category, rate, from, until: until === '' ? null : until, levy })}
    >
      <TextField member="category" label={t('tax_rates.category')} value={category} set={setCategory} />
      <Radio.Group
        label={t('tax_rates.sort')}
        value={levy ?? 'none'}
        onChange={(sort) => setLevy(sort === 'taxed' || sort === 'untaxed' ? sort : undefined)}
      >
        {([undefined, 'taxed', 'untaxed'] as const).map((sort) => (
          <Radio key={sort ?? 'none'} value={sort ?? 'none'} label={t(sortOf(sort))} mt="xs" />
        ))}
      </Radio.Group>
      <TextField member="rate" label={t('tax_rates.rate')} value={rate} set={setRate} />
      <TextField member="from" label={t('tax_rates.from')} type="date" value={from} set={setFrom} />
      <TextField member="until" label={t('tax_rates.until')} type="date" value={until} set={setUntil} optional />
    </ActionForm>
  );
}
