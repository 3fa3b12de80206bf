import { useState } from 'react';
import { Button } from '@mantine/core';
import type { Page, TaxpayerRow } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { useMay } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { TextField } from '../../parts/text-field.js';
import { Instant } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';

const PATH = '/taxpayers';

export function Taxpayers() {
  const { t, tag } = useLanguage();
  const may = useMay();
  const zone = useZone();
  const { parameters } = useAddressState();
  const [adding, setAdding] = useState(false);
  const taxpayers = useReport<Page<TaxpayerRow>>(PATH, pageQuery(pageOf(parameters, 'taxpayersPage')));
  const columns: readonly ColumnOf<TaxpayerRow>[] = [
    { heading: t('registry.taxpayer_id'), cell: ({ taxpayerId }) => taxpayerId, tight: true },
    { heading: t('registry.name'), cell: ({ name }) => name },
    { heading: t('registry.premises'), cell: ({ premises }) => formatCount(premises, tag), number: true },
    { heading: t('registry.terminals'), cell: ({ terminals }) => formatCount(terminals, tag), number: true },
    {
      heading: t('column.created'),
      cell: ({ createdAt }) => <Instant at={createdAt} zone={zone} to="minute" />,
      tight: true,
    },
  ];
  return (
    <Section
      title={t('registry.taxpayers')}
      csv={{ path: PATH }}
      long
      actions={
        may('operator') && (
          <Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>
            {t('registry.add_taxpayer')}
          </Button>
        )
      }
    >
      <Answer of={taxpayers}>
        {(page) => (
          <PagedTable
            caption={t('registry.taxpayers')}
            page={page}
            pageName="taxpayersPage"
            columns={columns}
            keyOf={({ taxpayerId }) => taxpayerId}
          />
        )}
      </Answer>
      {adding && <AddTaxpayer close={() => setAdding(false)} />}
    </Section>
  );
}

function AddTaxpayer({ close }: { readonly close: () => void }) {
  const { t } = useLanguage();
  const [taxpayerId, setTaxpayerId] = useState('');
  const [name, setName] = useState('');
  return (
    <ActionForm
      title={t('registry.add_taxpayer')}
      opened
      close={close}
      submitText={t('form.add')}
      submit={() => send('POST', PATH, { taxpayerId, name })}
    >
      <TextField
        member="taxpayerId"
        label={t('registry.taxpayer_id')}
        hint={t('registry.id_hint')}
        value={taxpayerId}
        set={setTaxpayerId}
      />
      <TextField member="name" label={t('registry.name')} value={name} set={setName} />
    </ActionForm>
  );
}
