import { useState } from 'react';
import { Select } from '@mantine/core';
import type { PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Declarations } from '../../parts/declarations.js';
import { TextField } from '../../parts/text-field.js';
import { fromLocalInput } from '../../url/zoned-time.js';

const PATH = '/planned-outages';
const SCOPES: readonly PlannedOutageDraft['scope'][] = ['all', 'region', 'taxpayer', 'premises', 'terminal'];

/** Outages that were declared, so that failures meanwhile are shown as planned. */
export function PlannedOutages({ zone }: { readonly zone: string }) {
  const { t } = useLanguage();
  return (
    <Declarations<PlannedOutage>
      title={t('outages.title')}
      declare={t('outages.declare')}
      path={PATH}
      pageName="outagesPage"
      zone={zone}
      idOf={({ plannedOutageId }) => plannedOutageId}
      about={{
        heading: t('outages.scope'),
        cell: ({ scope, scopeId }) => `${t(`outages.scope.${scope}`)}${scopeId === null ? '' : `: ${scopeId}`}`,
      }}
      form={(opened, close) => <Declare opened={opened} close={close} zone={zone} />}
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
      <TextField
        member="start"
        type="datetime-local"
        label={`${t('incidents.start')} (${zone})`}
        value={start}
        set={setStart}
      />
      <TextField
        member="end"
        type="datetime-local"
        label={`${t('incidents.end')} (${zone})`}
        value={end}
        set={setEnd}
      />
      <Select
        label={t('outages.scope')}
        data={SCOPES.map((value) => ({ value, label: t(`outages.scope.${value}`) }))}
        value={scope}
        allowDeselect={false}
        onChange={(next) => setScope(next ?? 'all')}
      />
      {scope !== 'all' && <TextField member="scopeId" label={t('outages.scope_id')} value={scopeId} set={setScopeId} />}
      <TextField member="reason" label={t('form.reason')} value={reason} set={setReason} />
    </ActionForm>
  );
}
