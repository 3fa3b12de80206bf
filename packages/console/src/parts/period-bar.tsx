import { Alert, Group, Select, TextInput } from '@mantine/core';
import { STEPS } from '@tax-control/protocol/console';
import { useLanguage } from '../i18n/language.js';
import { useAddressState } from '../url/address-state.js';
import { type ChosenPeriod, ownZone, PRESETS } from '../url/period.js';
import { fromLocalInput, isZone, toLocalInput } from '../url/zoned-time.js';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

interface PeriodBarProps {
  readonly period: ChosenPeriod;
  /** Whether the view is cut into steps. */
  readonly steps?: boolean;
}

/** Chooses the period, its zone and its steps; the choice is the address. */
export function PeriodBar({ period, steps = false }: PeriodBarProps) {
  const { t } = useLanguage();
  const { change } = useAddressState();
  const { preset, zone, from, to, step, fault } = period;
  const zones = ZONES.includes(zone) ? ZONES : [zone, ...ZONES];
  const bounds = { from: toLocalInput(new Date(from), zone), to: toLocalInput(new Date(to), zone) };
  const choosePreset = (next: string | null) =>
    change(
      next === 'custom' ? { period: null, step: null, ...bounds } : { period: next, from: null, to: null, step: null },
    );
  const chooseBound = (name: 'from' | 'to', text: string) => {
    if (fromLocalInput(text, zone) !== null)
      change({ period: null, ...bounds, [name]: text.slice(0, bounds.to.length) });
  };
  return (
    <>
      <Group gap="xs" align="flex-end" className="period-bar no-print">
        <Select
          label={t('period.label')}
          data={PRESETS.map((value) => ({ value, label: t(`period.${value}`) }))}
          value={preset}
          allowDeselect={false}
          onChange={choosePreset}
          size="xs"
          w={150}
        />
        {preset === 'custom' &&
          (['from', 'to'] as const).map((name) => (
            <TextInput
              key={`${name} ${bounds[name]}`}
              type="datetime-local"
              label={t(`period.${name}`)}
              defaultValue={bounds[name]}
              onBlur={(event) => chooseBound(name, event.currentTarget.value)}
              onKeyDown={(event) => event.key === 'Enter' && chooseBound(name, event.currentTarget.value)}
              size="xs"
            />
          ))}
        {steps && (
          <Select
            label={t('period.step')}
            data={STEPS.map((value) => ({ value, label: t(`period.step.${value}`) }))}
            value={step}
            allowDeselect={false}
            onChange={(next) => change({ step: next })}
            size="xs"
            w={100}
          />
        )}
        <Select
          label={t('period.zone')}
          data={zones}
          value={zone}
          searchable
          limit={50}
          allowDeselect={false}
          onChange={(next) => next !== null && isZone(next) && change({ zone: next === ownZone() ? null : next })}
          size="xs"
          w={170}
        />
      </Group>
      {fault !== null && (
        <Alert color="orange" variant="light" role="status" py={6} mt="xs">
          {t(`period.fault.${fault}`)}
        </Alert>
      )}
      <PeriodInWords period={period} />
    </>
  );
}

/** The period as it is printed. */
function PeriodInWords({ period: { from, to, zone } }: { readonly period: ChosenPeriod }) {
  const { tag } = useLanguage();
  const format = new Intl.DateTimeFormat(tag, {
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: zone,
  });
  return <div className="print-only">{`${format.formatRange(new Date(from), new Date(to))} (${zone})`}</div>;
}
