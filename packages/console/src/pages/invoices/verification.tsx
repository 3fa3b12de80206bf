import type { InvoiceCheck } from '@tax-control/protocol/console';
import { isInstant } from '../../format/member-words.js';
import { formatInstant } from '../../format/format.js';
import { fillIn, type Language, useLanguage } from '../../i18n/language.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Dot, type Tone } from '../../parts/words.js';
import { useZone } from '../../url/zone.js';

const TONES: Readonly<Record<InvoiceCheck['result'], Tone>> = { holds: 'good', fails: 'bad', unknown: 'warn' };

/** What the server verified of an invoice just now, each on its own. */
export function Verification({ checks }: { readonly checks: readonly InvoiceCheck[] }) {
  const language = useLanguage();
  const { t, code } = language;
  const zone = useZone();
  const columns: readonly ColumnOf<InvoiceCheck>[] = [
    { heading: t('invoice.check'), cell: ({ check }) => code('check', check), words: true },
    {
      heading: t('invoice.result'),
      cell: ({ result }) => <Dot tone={TONES[result]}>{code('check_result', result)}</Dot>,
    },
    {
      heading: t('column.detail'),
      cell: (check) => <span className="breakable">{reasonInWords(check, language, zone)}</span>,
      words: true,
    },
  ];
  return (
    <Section title={t('invoice.verification')}>
      <DataTable caption={t('invoice.verification')} rows={checks} columns={columns} keyOf={({ check }) => check} />
    </Section>
  );
}

/** Why a check came out so; in the server's own words where this console does not know the reason. */
function reasonInWords({ reason, facts, detail }: InvoiceCheck, { tag, code }: Language, zone: string): string {
  const said = code('check_reason', reason);
  if (said === reason) return detail;
  const values = facts.map((fact, place) => [place, isInstant(fact) ? formatInstant(fact, tag, zone) : fact] as const);
  return fillIn(said, Object.fromEntries(values));
}
