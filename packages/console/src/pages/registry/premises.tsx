import { useState } from 'react';
import { Button } from '@mantine/core';
import type { InvitationShown, Page, PremisesRow } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useMay } from '../../api/session.js';
import { formatCount, formatInstant } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { AddPremises, RegisterTerminal } from './registry-forms.js';

const PATH = '/premises';

export function Premises() {
  const { t, tag } = useLanguage();
  const may = useMay();
  const zone = useZone();
  const { parameters } = useAddressState();
  const [form, setForm] = useState<'premises' | { readonly terminalAt: string } | null>(null);
  const [shown, setShown] = useState<InvitationShown | null>(null);
  const premises = useReport<Page<PremisesRow>>(PATH, pageQuery(pageOf(parameters)));
  const isOperator = may('operator');
  const columns: readonly ColumnOf<PremisesRow>[] = [
    { heading: t('registry.premises_id'), cell: ({ premisesId }) => premisesId, tight: true },
    { heading: t('registry.name'), cell: ({ name }) => name },
    { heading: t('column.taxpayer'), cell: ({ taxpayerName }) => taxpayerName },
    { heading: t('registry.region'), cell: ({ region }) => region },
    { heading: t('registry.activity'), cell: ({ activity }) => activity },
    { heading: t('registry.address'), cell: ({ address }) => address },
    {
      heading: t('parameters.time_zone'),
      cell: ({ timeZone }) => timeZone ?? t('parameters.zone_of_computer'),
    },
    { heading: t('registry.terminals'), cell: ({ terminals }) => formatCount(terminals, tag), number: true },
    ...(isOperator
      ? [
          {
            heading: t('column.actions'),
            cell: ({ premisesId }: PremisesRow) => (
              <Button
                variant="default"
                size="compact-xs"
                aria-label={`${t('registry.register_terminal')}: ${premisesId}`}
                onClick={() => setForm({ terminalAt: premisesId })}
              >
                {t('registry.register_terminal')}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section
      title={t('registry.premises')}
      csv={{ path: PATH }}
      long
      actions={
        isOperator && (
          <Button size="compact-sm" variant="default" onClick={() => setForm('premises')}>
            {t('registry.add_premises')}
          </Button>
        )
      }
    >
      <Answer of={premises}>
        {(page) => (
          <PagedTable
            caption={t('registry.premises')}
            page={page}
            columns={columns}
            keyOf={({ premisesId }) => premisesId}
          />
        )}
      </Answer>
      {form === 'premises' && <AddPremises close={() => setForm(null)} />}
      {form !== null && form !== 'premises' && (
        <RegisterTerminal premisesId={form.terminalAt} close={() => setForm(null)} done={setShown} />
      )}
      <ShownOnce
        title={t('invitation.title', { id: shown?.terminalId ?? '' })}
        lead={t('invitation.once')}
        name={t('invitation.text')}
        secret={shown?.invitation ?? null}
        note={t('invitation.until', { at: formatInstant(shown?.expiresAt ?? null, tag, zone) })}
        forget={() => setShown(null)}
      />
    </Section>
  );
}
