import { useState } from 'react';
import { Select, Switch, TagsInput } from '@mantine/core';
import type { ParametersSettings } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Field } from '../../parts/field-faults.js';
import { TextField } from '../../parts/text-field.js';

const NUMBERS = [
  ['threshold', 'parameters.threshold'],
  ['hoursMax', 'parameters.hours_max'],
  ['invoicesMax', 'parameters.invoices_max'],
  ['salesMax', 'parameters.sales_max'],
  ['deadlineMs', 'parameters.deadline'],
] as const satisfies readonly (readonly [string, TextKey])[];
type NumberName = (typeof NUMBERS)[number][0];

interface PublishFormProps {
  /** What is in force, from which one starts; null: nothing was published yet. */
  readonly from: ParametersSettings | null;
  readonly close: () => void;
}

/** Publishes settings as a new version. */
export function PublishForm({ from, close }: PublishFormProps) {
  const { t } = useLanguage();
  const [numbers, setNumbers] = useState<Readonly<Record<NumberName, string>>>({
    threshold: String(from?.threshold ?? ''),
    hoursMax: String(from?.offlineLimits.hoursMax ?? ''),
    invoicesMax: String(from?.offlineLimits.invoicesMax ?? ''),
    salesMax: String(from?.offlineLimits.salesMax ?? ''),
    deadlineMs: String(from?.deadlineMs ?? ''),
  });
  const [atLimit, setAtLimit] = useState<'warn' | 'stop'>(from?.offlineLimits.atLimit ?? 'warn');
  const [addresses, setAddresses] = useState<string[]>([...(from?.addresses ?? [])]);
  const [verificationUrl, setVerificationUrl] = useState(from?.verificationUrl ?? '');
  const [suspendedMaySell, setSuspendedMaySell] = useState(from?.suspendedMaySell ?? false);
  const settings = (): ParametersSettings => ({
    threshold: Number(numbers.threshold),
    offlineLimits: {
      hoursMax: Number(numbers.hoursMax),
      invoicesMax: Number(numbers.invoicesMax),
      salesMax: Number(numbers.salesMax),
      atLimit,
    },
    deadlineMs: Number(numbers.deadlineMs),
    suspendedMaySell,
    addresses,
    verificationUrl,
  });
  return (
    <ActionForm
      title={t('parameters.publish')}
      opened
      close={close}
      submitText={t('parameters.publish')}
      submit={() => send('POST', '/parameters', settings())}
    >
      {NUMBERS.map(([name, text]) => (
        <TextField
          key={name}
          member={name}
          type="number"
          label={t(text)}
          value={numbers[name]}
          set={(value) => setNumbers({ ...numbers, [name]: value })}
        />
      ))}
      <Select
        label={t('parameters.at_limit')}
        data={(['warn', 'stop'] as const).map((value) => ({ value, label: t(`parameters.at_limit.${value}`) }))}
        value={atLimit}
        allowDeselect={false}
        onChange={(next) => setAtLimit(next ?? 'warn')}
      />
      <Field member="addresses">
        {(error) => (
          <TagsInput
            label={t('parameters.addresses')}
            value={addresses}
            onChange={setAddresses}
            acceptValueOnBlur
            error={error}
          />
        )}
      </Field>
      <TextField
        member="verificationUrl"
        label={t('parameters.verification_url')}
        value={verificationUrl}
        set={setVerificationUrl}
      />
      <Switch
        label={t('parameters.suspended_may_sell')}
        checked={suspendedMaySell}
        onChange={(event) => setSuspendedMaySell(event.currentTarget.checked)}
      />
    </ActionForm>
  );
}
