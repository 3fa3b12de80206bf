import { type FormEvent, useState } from 'react';
import { Button, Group, Paper, Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import { useAddressState } from '../../url/address-state.js';
import { DEFAULT_CURRENCY, SEARCH_TEXTS, type SearchCriteria, type SearchText } from './invoice-search.js';

const LABELS: Readonly<Record<SearchText, TextKey>> = {
  code: 'invoices.code',
  invoiceId: 'invoices.id',
  number: 'invoices.number',
  terminalId: 'filter.terminal',
  premisesId: 'filter.premises',
  taxpayerId: 'filter.taxpayer',
};

interface InvoiceFormProps {
  readonly criteria: SearchCriteria;
  readonly onAsk: (reason: string) => void;
}

/** What to look for, and why. Fields go to the address as they are left; the reason stays here. */
export function InvoiceForm({ criteria, onAsk }: InvoiceFormProps) {
  const { t, code } = useLanguage();
  const { one, change } = useAddressState();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const tooShort = reason.trim().length < CONSOLE_LIMITS.reasonLengthMin;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (criteria.ok && !tooShort) onAsk(reason.trim());
  };
  const field = (name: string, label: string, description?: string) => (
    <TextInput
      key={`${name} ${one(name) ?? ''}`}
      name={name}
      label={label}
      description={description}
      defaultValue={one(name) ?? ''}
      maxLength={100}
      size="xs"
      onBlur={(event) => {
        const text = event.currentTarget.value.trim();
        if (text !== (one(name) ?? '')) change({ [name]: text });
      }}
    />
  );
  const amountFault = !criteria.ok && criteria.fault === 'amount';
  return (
    <Paper withBorder p="sm" component="form" onSubmit={submit} className="no-print">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 5 }} spacing="xs">
        {SEARCH_TEXTS.map((name) => field(name, t(LABELS[name])))}
        {field('totalFrom', t('invoices.total_from'))}
        {field('totalTo', t('invoices.total_to'))}
        <TextInput
          key={one('currency')}
          label={t('overview.currency')}
          defaultValue={one('currency') ?? DEFAULT_CURRENCY}
          maxLength={3}
          size="xs"
          onBlur={(event) => change({ currency: event.currentTarget.value.trim().toUpperCase() })}
        />
        <Select
          label={t('invoices.kind')}
          data={['sale', 'refund', 'void'].map((value) => ({ value, label: code('kind', value) }))}
          value={one('kind')}
          onChange={(kind) => change({ kind })}
          placeholder={t('filter.any')}
          clearable
          size="xs"
        />
      </SimpleGrid>
      <Group gap="xs" mt="xs" align="flex-end">
        <TextInput
          label={t('form.reason')}
          description={t('form.reason_hint')}
          value={reason}
          required
          maxLength={CONSOLE_LIMITS.reasonLengthMax}
          onChange={(event) => setReason(event.currentTarget.value)}
          size="xs"
          flex="1 1 260px"
        />
        <Button type="submit" size="xs">
          {t('invoices.look_up')}
        </Button>
      </Group>
      <Text size="xs" className="bad" role="status" mt={4}>
        {amountFault && t('invoices.total_unreadable')}
        {tried && !criteria.ok && criteria.fault === 'nothing' && t('invoices.needs_criterion')}
        {tried && criteria.ok && tooShort && t('invoices.needs_reason', { count: CONSOLE_LIMITS.reasonLengthMin })}
      </Text>
    </Paper>
  );
}
