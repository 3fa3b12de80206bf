import { useState } from 'react';
import { Select, TextInput } from '@mantine/core';
import type { PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Declarations } from '../../parts/declarations.js';
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
