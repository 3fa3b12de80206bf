import { Button, Collapse, Group, MultiSelect, Pill, Select, TagsInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useRegions } from '../api/regions.js';
import type { TextKey } from '../i18n/dictionaries.js';
import { useLanguage } from '../i18n/language.js';
import { REPORT_FILTERS, type ReportFilterName, useAddressState } from '../url/address-state.js';
import { causesByGroup, GROUPS } from '../url/causes.js';
import { FilterIcon } from './icons.js';

const LABELS: Readonly<Record<ReportFilterName, TextKey>> = {
  region: 'filter.region',
  taxpayerId: 'filter.taxpayer',
  premisesId: 'filter.premises',
  terminalId: 'filter.terminal',
  door: 'filter.door',
  causeGroup: 'filter.cause_group',
  cause: 'filter.cause',
};
const FAMILIES: Partial<Record<ReportFilterName, string>> = { door: 'door', causeGroup: 'group', cause: 'cause' };
const PLACES: readonly ReportFilterName[] = ['region', 'taxpayerId', 'premisesId', 'terminalId'];

/** Narrows a report. What is chosen stands as pills, so that nobody forgets it; the choice is the address. */
export function FilterBar({ placesOnly = false }: { readonly placesOnly?: boolean }) {
  const { t, code } = useLanguage();
  const { parameters, all, change } = useAddressState();
  const [opened, { toggle }] = useDisclosure(false);
  const names = placesOnly ? PLACES : REPORT_FILTERS;
  const chosen = names.flatMap((name) => parameters.getAll(name).map((value) => ({ name, value })));
  const say = (name: ReportFilterName, value: string) => code(FAMILIES[name] ?? '', value);
  return (
    <div className="filters">
      <Group gap="xs" mt="xs">
        <Button
          variant="default"
          size="compact-sm"
          className="no-print"
          leftSection={<FilterIcon />}
          aria-expanded={opened}
          onClick={toggle}
        >
          {chosen.length === 0 ? t('filter.label') : t('filter.count', { count: chosen.length })}
        </Button>
        {chosen.map(({ name, value }) => (
          <Pill
            key={`${name} ${value}`}
            withRemoveButton
            removeButtonProps={{
              'aria-label': t('filter.remove', { name: `${t(LABELS[name])} ${say(name, value)}` }),
              tabIndex: 0,
              'aria-hidden': false,
            }}
            onRemove={() => change({ [name]: all(name).filter((one) => one !== value) })}
          >
            {t(LABELS[name])}: {say(name, value)}
          </Pill>
        ))}
        {chosen.length > 1 && (
          <Button
            variant="subtle"
            size="compact-xs"
            className="no-print"
            onClick={() => change(Object.fromEntries(names.map((name) => [name, null])))}
          >
            {t('filter.clear')}
          </Button>
        )}
      </Group>
      <Collapse expanded={opened} className="no-print">
        {opened && <Fields placesOnly={placesOnly} />}
      </Collapse>
    </div>
  );
}

function Fields({ placesOnly }: { readonly placesOnly: boolean }) {
  const { t, code } = useLanguage();
  const { one, all, change } = useAddressState();
  const regions = useRegions();
  return (
    <Group gap="xs" mt="xs" align="flex-start">
      <MultiSelect
        label={t('filter.region')}
        data={[...new Set([...(regions.data ?? []), ...all('region')])]}
        value={all('region')}
        onChange={(region) => change({ region })}
        searchable
        size="xs"
        w={200}
      />
      {(['taxpayerId', 'premisesId', 'terminalId'] as const).map((name) => (
        <TagsInput
          key={name}
          label={t(LABELS[name])}
          placeholder={t('filter.ids_hint')}
          value={all(name)}
          onChange={(values) => change({ [name]: values })}
          acceptValueOnBlur
          size="xs"
          w={190}
        />
      ))}
      {!placesOnly && (
        <>
          <Select
            label={t('filter.door')}
            data={['issue', 'reissue'].map((value) => ({ value, label: code('door', value) }))}
            value={one('door')}
            onChange={(door) => change({ door })}
            placeholder={t('filter.any')}
            clearable
            size="xs"
            w={120}
          />
          <MultiSelect
            label={t('filter.cause_group')}
            data={GROUPS.map((value) => ({ value, label: code('group', value) }))}
            value={all('causeGroup')}
            onChange={(causeGroup) => change({ causeGroup })}
            size="xs"
            w={180}
          />
          <MultiSelect
            label={t('filter.cause')}
            data={causesByGroup().map(({ group, causes }) => ({
              group: code('group', group),
              items: causes.map((value) => ({ value, label: code('cause', value) })),
            }))}
            value={all('cause')}
            onChange={(cause) => change({ cause })}
            searchable
            size="xs"
            w={240}
          />
        </>
      )}
    </Group>
  );
}
