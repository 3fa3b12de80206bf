import { useState } from 'react';
import type { InvitationShown } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { TextField } from '../../parts/text-field.js';

const PREMISES_FIELDS = [
  ['premisesId', 'registry.premises_id'],
  ['taxpayerId', 'registry.taxpayer_id'],
  ['name', 'registry.name'],
  ['region', 'registry.region'],
  ['activity', 'registry.activity'],
  ['address', 'registry.address'],
] as const satisfies readonly (readonly [string, TextKey])[];

export function AddPremises({ close }: { readonly close: () => void }) {
  const { t } = useLanguage();
  const [draft, setDraft] = useState<Readonly<Record<string, string>>>({});
  return (
    <ActionForm
      title={t('registry.add_premises')}
      opened
      close={close}
      submitText={t('form.add')}
      submit={() => send('POST', '/premises', draft)}
    >
      {PREMISES_FIELDS.map(([name, text]) => (
        <TextField
          key={name}
          member={name}
          label={t(text)}
          value={draft[name] ?? ''}
          set={(value) => setDraft({ ...draft, [name]: value })}
          {...(name === 'premisesId' ? { hint: t('registry.id_hint') } : {})}
        />
      ))}
    </ActionForm>
  );
}

interface RegisterTerminalProps {
  readonly premisesId: string;
  readonly close: () => void;
  readonly done: (shown: InvitationShown) => void;
}

export function RegisterTerminal({ premisesId, close, done }: RegisterTerminalProps) {
  const { t } = useLanguage();
  const [terminalId, setTerminalId] = useState('');
  return (
    <ActionForm
      title={`${t('registry.register_terminal')}: ${premisesId}`}
      opened
      close={close}
      submitText={t('registry.register_terminal')}
      submit={() => send<InvitationShown>('POST', '/terminals', { terminalId, premisesId })}
      done={done}
    >
      <TextField
        member="terminalId"
        label={t('registry.terminal_id')}
        hint={t('registry.id_hint')}
        value={terminalId}
        set={setTerminalId}
      />
    </ActionForm>
  );
}
