import type { Incident } from '@tax-control/protocol/console';
import { formatDuration, formatMoney } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Dot, Instant } from '../../parts/words.js';

/** What an incident is called, and of whom. */
export function KindOf({ incident: { kind, subject, subjectName, plannedOutageId } }: { readonly incident: Incident }) {
  const { t, code } = useLanguage();
  const of = subjectName ?? subject;
  return (
    <>
      {code('incident', kind)}
      {of !== null && `: ${of}`}
      {plannedOutageId !== null && ` (${t('incidents.planned')})`}
    </>
  );
}

/** When it ended, or that it still lasts. */
export function EndOf({ at, zone }: { readonly at: string | null; readonly zone: string }) {
  const { t } = useLanguage();
  return at === null ? <Dot tone="bad">{t('incidents.lasts')}</Dot> : <Instant at={at} zone={zone} to="minute" />;
}

/** Longer without a try before the end, and how long it lasted is told from … to …: a till tries with its next sale, or within minutes. */
const UNSURE_MS_MIN = 5 * 60 * 1000;

/** How long it lasted, as far as it is known: at least until the last failure, at most until the first answer. */
export function LengthOf({ incident: { start, lastFailure, end } }: { readonly incident: Incident }) {
  const { t, tag } = useLanguage();
  const least = Date.parse(lastFailure) - Date.parse(start);
  if (end === null) return t('incidents.length_least', { least: formatDuration(least, tag) });
  const most = Date.parse(end) - Date.parse(start);
  if (most - least < UNSURE_MS_MIN) return formatDuration(most, tag);
  return t('incidents.length_between', { least: formatDuration(least, tag), most: formatDuration(most, tag) });
}

export function ValueOf({ value }: Pick<Incident, 'value'>) {
  const { tag } = useLanguage();
  return value.map(({ currency, total }) => <div key={currency}>{formatMoney(total, currency, tag)}</div>);
}

export function DrainOf({ incident: { drainMs, invoicesStored } }: { readonly incident: Incident }) {
  const { t, tag } = useLanguage();
  if (drainMs !== null) return formatDuration(drainMs, tag);
  return invoicesStored === 0 ? formatDuration(null, tag) : <Dot tone="warn">{t('incidents.draining')}</Dot>;
}
