import { useState } from 'react';
import { Select, Switch, TagsInput } from '@mantine/core';
import type { ParametersSettings } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Field } from '../../parts/field-faults.js';
import { TextField } from '../../parts/text-field.js';
import { pairsOfTexts, sumsOfTexts, textsOfPairs } from './pairs.js';

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
  const [timeZone, setTimeZone] = useState(from?.timeZone ?? '');
  const [premisesZones, setPremisesZones] = useState<string[]>(textsOfPairs(from?.premisesTimeZones ?? {}));
  const [roundings, setRoundings] = useState<string[]>(textsOfPairs(from?.cashRoundingMax ?? {}));
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
    timeZone: timeZone === '' ? null : timeZone,
    premisesTimeZones: pairsOfTexts(premisesZones),
    cashRoundingMax: sumsOfTexts(roundings),
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
      <ListField member="addresses" label={t('parameters.addresses')} value={addresses} set={setAddresses} />
      <TextField
        member="verificationUrl"
        label={t('parameters.verification_url')}
        value={verificationUrl}
        set={setVerificationUrl}
      />
      <TextField
        member="timeZone"
        label={t('parameters.time_zone')}
        hint={t('parameters.time_zone_hint')}
        value={timeZone}
        set={setTimeZone}
        optional
      />
      <ListField
        member="premisesTimeZones"
        label={t('parameters.premises_zones')}
        hint={t('parameters.premises_zones_hint')}
        value={premisesZones}
        set={setPremisesZones}
      />
      <ListField
        member="cashRoundingMax"
        label={t('parameters.cash_rounding')}
        hint={t('parameters.cash_rounding_hint')}
        value={roundings}
        set={setRoundings}
      />
      <Switch
        label={t('parameters.suspended_may_sell')}
        checked={suspendedMaySell}
        onChange={(event) => setSuspendedMaySell(event.currentTarget.checked)}
      />
    </ActionForm>
  );
}

interface ListFieldProps {
  readonly member: keyof ParametersSettings;
  readonly label: string;
  readonly hint?: string;
  readonly value: string[];
  readonly set: (value: string[]) => void;
}

/** A field that holds several texts. */
function ListField({ member, label, hint, value, set }: ListFieldProps) {
  return (
    <Field member={member}>
      {(error) => (
        <TagsInput
          label={label}
          value={value}
          onChange={set}
          acceptValueOnBlur
          error={error}
          {...(hint === undefined ? {} : { description: hint })}
        />
      )}
    </Field>
  );
}
