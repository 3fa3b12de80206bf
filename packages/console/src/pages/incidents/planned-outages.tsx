import { useState } from 'react';
import { Button, Select, TextInput } from '@mantine/core';
import type { Page, PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
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

const PATH = '/planned-outages';
const SCOPES: readonly PlannedOutageDraft['scope'][] = ['all', 'region', 'taxpayer', 'premises', 'terminal'];

/** Outages that were declared, so that failures meanwhile are shown as planned. */
export function PlannedOutages({ zone }: { readonly zone: string }) {
  const { t } = useLanguage();
  const may = useMay();
  const { parameters } = useAddressState();
  const [declaring, setDeclaring] = useState(false);
  const outages = useReport<Page<PlannedOutage>>(PATH, pageQuery(pageOf(parameters, 'outagesPage')));
  const columns: readonly ColumnOf<PlannedOutage>[] = [
    { heading: t('incidents.start'), cell: ({ start }) => <Instant at={start} zone={zone} to="minute" />, tight: true },
    { heading: t('incidents.end'), cell: ({ end }) => <Instant at={end} zone={zone} to="minute" />, tight: true },
    {
      heading: t('outages.scope'),
      cell: ({ scope, scopeId }) => `${t(`outages.scope.${scope}`)}${scopeId === null ? '' : `: ${scopeId}`}`,
    },
    { heading: t('form.reason'), cell: ({ reason }) => reason },
    { heading: t('outages.by'), cell: ({ declaredBy }) => declaredBy, tight: true },
    {
      heading: t('column.actions'),
      cell: (outage) => <Withdraw outage={outage} zone={zone} />,
    },
  ];
  return (
    <Section
      title={t('outages.title')}
      csv={{ path: PATH }}
      actions={
        may('operator') && (
          <Button size="compact-sm" variant="default" onClick={() => setDeclaring(true)}>
            {t('outages.declare')}
          </Button>
        )
      }
    >
      <Answer of={outages}>
        {(page) => (
          <PagedTable
            caption={t('outages.title')}
            page={page}
            pageName="outagesPage"
            columns={columns}
            keyOf={({ plannedOutageId }) => plannedOutageId}
          />
        )}
      </Answer>
      <Declare opened={declaring} close={() => setDeclaring(false)} zone={zone} />
    </Section>
  );
}

function Withdraw({ outage, zone }: { readonly outage: PlannedOutage; readonly zone: string }) {
  const { t } = useLanguage();
  const may = useMay();
  if (outage.withdrawnAt !== null)
    return (
      <>
        {t('outages.withdrawn')} <Instant at={outage.withdrawnAt} zone={zone} to="minute" />
      </>
    );
  if (!may('operator')) return null;
  return (
    <ActionButton
      text={t('outages.withdraw')}
      act={() => send('POST', `${PATH}/${encodeURIComponent(outage.plannedOutageId)}/withdrawal`)}
    />
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
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const [scope, setScope] = useState<PlannedOutageDraft['scope']>('all');
  const [scopeId, setScopeId] = useState('');
  const [reason, setReason] = useState('');
  const instant = (text: string) => fromLocalInput(text, zone)?.toISOString() ?? '';
  const draft = (): PlannedOutageDraft => ({
    start: instant(start),
    end: instant(end),
    scope,
    scopeId: scope === 'all' ? null : scopeId,
    reason,
  });
  return (
    <ActionForm title={t('outages.declare')} opened={opened} close={close} submit={() => send('POST', PATH, draft())}>
      <TextInput
        type="datetime-local"
        label={`${t('incidents.start')} (${zone})`}
        required
        value={start}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label={`${t('incidents.end')} (${zone})`}
        required
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <Select
        label={t('outages.scope')}
        data={SCOPES.map((value) => ({ value, label: t(`outages.scope.${value}`) }))}
        value={scope}
        allowDeselect={false}
        onChange={(next) => setScope(next ?? 'all')}
      />
      {scope !== 'all' && (
        <TextInput
          label={t('outages.scope_id')}
          required
          value={scopeId}
          onChange={(event) => setScopeId(event.currentTarget.value)}
        />
      )}
      <TextInput
        label={t('form.reason')}
        required
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ActionForm>
  );
}
