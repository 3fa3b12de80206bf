import { useState } from 'react';
import { Button, TextInput } from '@mantine/core';
import type { Page, SeasonalClosing } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { useMay } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionButton, ActionForm } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Instant } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { fromLocalInput } from '../../url/zoned-time.js';

const PATH = '/closings';

/** Seasons in which a shop is closed, so that its silence is no sign of anything. */
export function Closings({ zone }: { readonly zone: string }) {
  const { t } = useLanguage();
  const may = useMay();
  const { parameters } = useAddressState();
  const [declaring, setDeclaring] = useState(false);
  const closings = useReport<Page<SeasonalClosing>>(PATH, pageQuery(pageOf(parameters, 'closingsPage')));
  const columns: readonly ColumnOf<SeasonalClosing>[] = [
    { heading: t('column.premises'), cell: ({ premisesId }) => premisesId, tight: true },
    { heading: t('period.from'), cell: ({ start }) => <Instant at={start} zone={zone} to="minute" />, tight: true },
    { heading: t('period.to'), cell: ({ end }) => <Instant at={end} zone={zone} to="minute" />, tight: true },
    { heading: t('form.reason'), cell: ({ reason }) => reason },
    { heading: t('outages.by'), cell: ({ declaredBy }) => declaredBy, tight: true },
    {
      heading: t('column.actions'),
      cell: ({ closingId, withdrawnAt }) =>
        withdrawnAt !== null
          ? t('outages.withdrawn')
          : may('operator') && (
              <ActionButton
                text={t('outages.withdraw')}
                act={() => send('POST', `${PATH}/${encodeURIComponent(closingId)}/withdrawal`)}
              />
            ),
    },
  ];
  return (
    <Section
      title={t('closings.title')}
      csv={{ path: PATH }}
      actions={
        may('operator') && (
          <Button size="compact-sm" variant="default" onClick={() => setDeclaring(true)}>
            {t('closings.declare')}
          </Button>
        )
      }
    >
      <Answer of={closings}>
        {(page) => (
          <PagedTable
            caption={t('closings.title')}
            page={page}
            pageName="closingsPage"
            columns={columns}
            keyOf={({ closingId }) => closingId}
          />
        )}
      </Answer>
      <Declare opened={declaring} close={() => setDeclaring(false)} zone={zone} />
    </Section>
  );
}

function Declare({
  opened,
  close,
  zone,
}: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly zone: string;
}) {
  const { t } = useLanguage();
  const [premisesId, setPremisesId] = useState('');
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const [reason, setReason] = useState('');
  const instant = (text: string) => fromLocalInput(text, zone)?.toISOString() ?? '';
  const fields = [
    ['text', t('evidence.premises'), premisesId, setPremisesId],
    ['datetime-local', `${t('period.from')} (${zone})`, start, setStart],
    ['datetime-local', `${t('period.to')} (${zone})`, end, setEnd],
    ['text', t('form.reason'), reason, setReason],
  ] as const;
  return (
    <ActionForm
      title={t('closings.declare')}
      opened={opened}
      close={close}
      submit={() => send('POST', PATH, { premisesId, start: instant(start), end: instant(end), reason })}
    >
      {fields.map(([type, label, value, set]) => (
        <TextInput
          key={label}
          type={type}
          label={label}
          required
          value={value}
          onChange={(event) => set(event.currentTarget.value)}
        />
      ))}
    </ActionForm>
  );
}
