import { useState } from 'react';
import { Checkbox, Radio, Stack, Switch, TagsInput } from '@mantine/core';
import {
  OFFICIAL_ROLES,
  type OfficialChange,
  type OfficialDraft,
  type OfficialRole,
  type OfficialRow,
  type OfficialView,
  type OfficialWithPassword,
} from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useRegions } from '../../api/regions.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Field } from '../../parts/field-faults.js';
import { TextField } from '../../parts/text-field.js';

interface OfficialFormProps {
  /** Whom to change; null: a new account. */
  readonly official: OfficialRow | null;
  readonly close: () => void;
  readonly added: (official: OfficialWithPassword) => void;
}

const VIEW_KINDS: readonly OfficialView['kind'][] = ['all', 'regions', 'taxpayers'];

function namesOf(view: OfficialView): readonly string[] {
  if (view.kind === 'regions') return view.regions;
  return view.kind === 'taxpayers' ? view.taxpayerIds : [];
}

function viewOf(kind: OfficialView['kind'], names: readonly string[]): OfficialView {
  if (kind === 'regions') return { kind, regions: names };
  return kind === 'taxpayers' ? { kind, taxpayerIds: names } : { kind };
}

/** Adds an account, or changes one. */
export function OfficialForm({ official, close, added }: OfficialFormProps) {
  const { t, code } = useLanguage();
  const regions = useRegions();
  const [name, setName] = useState('');
  const [fullName, setFullName] = useState(official?.fullName ?? '');
  const [roles, setRoles] = useState<string[]>([...(official?.roles ?? ['official'])]);
  const [kind, setKind] = useState<OfficialView['kind']>(official?.view.kind ?? 'all');
  const [names, setNames] = useState<string[]>([...namesOf(official?.view ?? { kind: 'all' })]);
  const [disabled, setDisabled] = useState(official !== null && official.disabledAt !== null);
  const submit = async () => {
    const common = { fullName, roles: roles as OfficialRole[], view: viewOf(kind, names) };
    if (official === null) {
      const draft: OfficialDraft = { name, ...common };
      added(await send<OfficialWithPassword>('POST', '/officials', draft));
      return;
    }
    const change: OfficialChange = { ...common, disabled };
    await send('POST', `/officials/${encodeURIComponent(official.name)}/changes`, change);
  };
  return (
    <ActionForm
      title={official === null ? t('officials.add') : t('officials.change_title', { name: official.name })}
      opened
      close={close}
      submit={submit}
    >
      {official === null && <TextField member="name" label={t('officials.name')} value={name} set={setName} />}
      <TextField member="fullName" label={t('officials.full_name')} value={fullName} set={setFullName} />
      <Field member="roles">
        {(error) => (
          <Checkbox.Group label={t('officials.roles')} value={roles} onChange={setRoles} error={error}>
            <Stack gap={6} mt={4}>
              {OFFICIAL_ROLES.map((role) => (
                <Checkbox key={role} value={role} label={code('role', role)} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
      </Field>
      <Field member="view">
        {(error) => (
          <Radio.Group label={t('officials.view')} value={kind} onChange={(next) => setKind(next)} error={error}>
            <Stack gap={6} mt={4}>
              {VIEW_KINDS.map((value) => (
                <Radio key={value} value={value} label={t(`officials.view.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
        )}
      </Field>
      {kind !== 'all' && (
        <TagsInput
          label={t(`officials.view.${kind}`)}
          data={kind === 'regions' ? (regions.data ?? []) : []}
          value={names}
          onChange={setNames}
          acceptValueOnBlur
        />
      )}
      {official !== null && (
        <Switch
          label={t('officials.disable')}
          checked={disabled}
          onChange={(event) => setDisabled(event.currentTarget.checked)}
        />
      )}
    </ActionForm>
  );
}
