import type { CSSProperties } from 'react';
import type { HeatCell } from '@tax-control/protocol/console';
import { formatCount, formatShort } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { Section } from '../../parts/section.js';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
/** 2024 began on a Monday: its n-th of January names the n-th weekday. */
const MONDAY_YEAR = 2024;
/** Above this share of the strongest cell its number is written in the colour of the ground. */
const DARK_SHARE = 0.55;

interface HeatMapProps {
  readonly cells: readonly HeatCell[];
  readonly zone: string;
  readonly csv: CsvSource;
}

/** Failures by hour and weekday. It is a table: a screen reader reads it as one, and the numbers are in it. */
export function HeatMap({ cells, zone, csv }: HeatMapProps) {
  const { t, tag } = useLanguage();
  const most = Math.max(1, ...cells.map(({ failures }) => failures));
  const byPlace = new Map(cells.map((cell) => [`${cell.weekday} ${cell.hour}`, cell]));
  const weekday = new Intl.DateTimeFormat(tag, { weekday: 'short', timeZone: 'UTC' });
  const nameOf = (day: number) => weekday.format(Date.UTC(MONDAY_YEAR, 0, day));
  return (
    <Section title={t('failures.heat_map')} lead={t('failures.heat_hint', { zone })} csv={csv}>
      <div className="scroll-x" tabIndex={0} role="group" aria-label={t('failures.heat_map')}>
        <table className="heat-table">
          <caption className="hidden">{t('failures.heat_map')}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="hidden">{t('failures.heat_weekday')}</span>
              </th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, '0')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {WEEKDAYS.map((day) => (
              <tr key={day}>
                <th scope="row">{nameOf(day)}</th>
                {HOURS.map((hour) => {
                  const { failures = 0, attempts = 0 } = byPlace.get(`${day} ${hour}`) ?? {};
                  const said = t('failures.heat_cell', {
                    weekday: nameOf(day),
                    hour: `${String(hour).padStart(2, '0')}:00`,
                    failures: formatCount(failures, tag),
                    attempts: formatCount(attempts, tag),
                  });
                  return (
                    <td
                      key={hour}
                      title={said}
                      className={heatClass(failures / most)}
                      style={{ '--heat': strengthOf(failures / most) } as CSSProperties}
                    >
                      {failures === 0 ? '' : formatShort(failures, tag)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** A few failures are seen too: the eye tells the lower strengths apart better than the higher ones. */
function strengthOf(share: number): number {
  return share === 0 ? 0 : Math.round((0.12 + 0.88 * Math.sqrt(share)) * 100) / 100;
}

function heatClass(share: number): string {
  return strengthOf(share) > DARK_SHARE ? 'heat strong' : 'heat';
}
