import type { InvoiceCheck } from '@tax-control/protocol/console';
import { useLanguage } from '../../i18n/language.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Dot, type Tone } from '../../parts/words.js';

const TONES: Readonly<Record<InvoiceCheck['result'], Tone>> = { holds: 'good', fails: 'bad', unknown: 'warn' };

/** What the server verified of an invoice just now, each on its own. */
export function Verification({ checks }: { readonly checks: readonly InvoiceCheck[] }) {
  const { t, code } = useLanguage();
  const columns: readonly ColumnOf<InvoiceCheck>[] = [
    { heading: t('invoice.check'), cell: ({ check }) => code('check', check) },
    {
      heading: t('invoice.result'),
      cell: ({ result }) => <Dot tone={TONES[result]}>{code('check_result', result)}</Dot>,
    },
    { heading: t('column.detail'), cell: ({ detail }) => <span className="breakable">{detail}</span>, words: true },
  ];
  return (
    <Section title={t('invoice.verification')}>
      <DataTable caption={t('invoice.verification')} rows={checks} columns={columns} keyOf={({ check }) => check} />
    </Section>
  );
}
