import { type FormEvent, useState } from 'react';
import { Button, Group, Paper, Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { CONSOLE_LIMITS, type Period } from '@tax-control/protocol/console';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import { type AddressChange, changedParameters, useAddressState } from '../../url/address-state.js';
import { bodyOf, SEARCH_AMOUNTS, SEARCH_TEXTS, type SearchField } from './invoice-search.js';

const LABELS: Readonly<Record<SearchField, TextKey>> = {
  code: 'invoices.code',
  invoiceId: 'invoices.id',
  number: 'invoices.number',
  terminalId: 'filter.terminal',
  premisesId: 'filter.premises',
  taxpayerId: 'filter.taxpayer',
  totalFrom: 'invoices.total_from',
  totalTo: 'invoices.total_to',
  currency: 'overview.currency',
};

/** What is wrong with a field, where something can be. */
const FAULTS: Partial<Readonly<Record<SearchField, TextKey>>> = {
  code: 'invoices.code_mistyped',
  totalFrom: 'invoices.total_unreadable',
  totalTo: 'invoices.total_unreadable',
  currency: 'invoices.currency_unreadable',
};

const FIELDS: readonly SearchField[] = [...SEARCH_TEXTS, ...SEARCH_AMOUNTS, 'currency'];

interface InvoiceFormProps {
  readonly period: Period;
  /** Stands in the field where the address names no other; null: not known. */
  readonly usualCurrency: string | null;
  /** @param search the address, with what the fields held when it was asked */
  readonly onAsk: (reason: string, search: URLSearchParams) => void;
}

/** What to look for, and why. Fields go to the address as they are left, and when Enter is pressed in one; the reason stays here. */
export function InvoiceForm({ period, usualCurrency, onAsk }: InvoiceFormProps) {
  const { t, code } = useLanguage();
  const { parameters, one, change } = useAddressState();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const criteria = bodyOf(parameters, period, usualCurrency);
  const fault = criteria.ok ? null : criteria.fault;
  const tooShort = reason.trim().length < CONSOLE_LIMITS.reasonLengthMin;

  /** What a field says to the address: nothing where it says what is usual. */
  const said = (name: string, typed: string): string => {
    const text = typed.trim();
    if (name !== 'currency') return text;
    return text.toUpperCase() === usualCurrency ? '' : text.toUpperCase();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const typed = new FormData(event.currentTarget);
    const textOf = (name: SearchField): string => {
      const value = typed.get(name);
      return typeof value === 'string' ? value : '';
    };
    const next: AddressChange = Object.fromEntries(FIELDS.map((name) => [name, said(name, textOf(name))]));
    const search = changedParameters(parameters, next);
    change(next);
    if (bodyOf(search, period, usualCurrency).ok && !tooShort) onAsk(reason.trim(), search);
  };
  const field = (name: SearchField) => {
    const usual = one(name) ?? (name === 'currency' ? (usualCurrency ?? '') : '');
    const wrong = fault === name ? FAULTS[name] : undefined;
    return (
      <TextInput
        key={`${name} ${usual}`}
        name={name}
        label={t(LABELS[name])}
        defaultValue={usual}
        maxLength={name === 'currency' ? 3 : 100}
        size="xs"
        error={wrong === undefined ? undefined : t(wrong)}
        onBlur={(event) => {
          const text = said(name, event.currentTarget.value);
          if (text !== (one(name) ?? '')) change({ [name]: text });
        }}
      />
    );
  };
  return (
    <Paper withBorder p="sm" component="form" onSubmit={submit} noValidate className="no-print">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 5 }} spacing="xs">
        {FIELDS.map(field)}
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
      <Group gap="xs" mt="xs" align="flex-end" wrap="wrap">
        <TextInput
          label={t('form.reason')}
          description={t('form.reason_hint')}
          value={reason}
          withAsterisk
          aria-required
          error={tried && tooShort ? t('invoices.needs_reason', { count: CONSOLE_LIMITS.reasonLengthMin }) : undefined}
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
        {tried && fault === 'nothing' && t('invoices.needs_criterion')}
      </Text>
    </Paper>
  );
}
