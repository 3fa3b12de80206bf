import { useState } from 'react';
import type { SeasonalClosing } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Declarations } from '../../parts/declarations.js';
import { TextField } from '../../parts/text-field.js';
import { fromLocalInput } from '../../url/zoned-time.js';

const PATH = '/closings';

/** Seasons in which a shop is closed, so that its silence is no sign of anything. */
export function Closings({ zone }: { readonly zone: string }) {
  const { t } = useLanguage();
  return (
    <Declarations<SeasonalClosing>
      title={t('closings.title')}
      declare={t('closings.declare')}
      path={PATH}
      pageName="closingsPage"
      zone={zone}
      idOf={({ closingId }) => closingId}
      about={{ heading: t('column.premises'), cell: ({ premisesId }) => premisesId, tight: true }}
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
  const [premisesId, setPremisesId] = useState('');
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const [reason, setReason] = useState('');
  const instant = (text: string) => fromLocalInput(text, zone)?.toISOString() ?? '';
  const fields = [
    ['premisesId', 'text', t('evidence.premises'), premisesId, setPremisesId],
    ['start', 'datetime-local', `${t('period.from')} (${zone})`, start, setStart],
    ['end', 'datetime-local', `${t('period.to')} (${zone})`, end, setEnd],
    ['reason', 'text', t('form.reason'), reason, setReason],
  ] as const;
  return (
    <ActionForm
      title={t('closings.declare')}
      opened={opened}
      close={close}
      submit={() => send('POST', PATH, { premisesId, start: instant(start), end: instant(end), reason })}
    >
      {fields.map(([member, type, label, value, set]) => (
        <TextField key={member} member={member} type={type} label={label} value={value} set={set} />
      ))}
    </ActionForm>
  );
}
