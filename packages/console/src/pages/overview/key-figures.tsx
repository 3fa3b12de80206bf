import { SimpleGrid } from '@mantine/core';
import type { AttemptFigures, Figure, InvoiceFigures } from '@tax-control/protocol/console';
import { formatCount, formatShare } from '../../format/format.js';
import type { TextKey } from '../../i18n/dictionaries.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { FigureCard, type Meaning } from '../../parts/figure-card.js';
import { Section } from '../../parts/section.js';

interface KeyFiguresProps {
  readonly attempts: AttemptFigures;
  readonly invoices: InvoiceFigures;
  readonly csv: CsvSource;
}

/** The counts that matter most, in the order in which they are asked for. */
export function KeyFigures({ attempts, invoices, csv }: KeyFiguresProps) {
  const { t, tag } = useLanguage();
  const figures: readonly (readonly [TextKey, Figure, Meaning])[] = [
    ['overview.attempts', attempts.attempts, 'neither'],
    ['overview.issued_online', attempts.issuedOnline, 'more_is_good'],
    ['overview.stored_offline', attempts.storedOffline, 'more_is_bad'],
    ['overview.reissued', attempts.reissued, 'neither'],
    ['overview.already_issued', attempts.alreadyIssued, 'neither'],
    ['overview.refused', attempts.refused, 'more_is_bad'],
    ['overview.deferred', attempts.deferred, 'more_is_bad'],
    ['overview.not_authenticated', attempts.notAuthenticated, 'more_is_bad'],
    ['overview.not_tried', attempts.notTried, 'more_is_bad'],
    ['overview.pending', invoices.pending, 'more_is_bad'],
    ['overview.invoices', invoices.invoices, 'neither'],
    ['overview.with_warnings', invoices.withWarnings, 'more_is_bad'],
    ['overview.not_fiscal', invoices.notFiscal, 'neither'],
    ['overview.refused_authentications', attempts.refusedAuthentications, 'more_is_bad'],
    ['overview.unplaced', attempts.unplaced, 'more_is_bad'],
  ];
  const { offlineShare } = attempts;
  return (
    <Section title={t('overview.figures')} csv={csv}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="xs" className="figures">
        <FigureCard
          name={t('overview.offline_share')}
          text={formatShare(offlineShare.value, tag)}
          {...offlineShare}
          meaning="more_is_bad"
          isShare
        />
        {figures.map(([key, figure, meaning]) => (
          <FigureCard key={key} name={t(key)} text={formatCount(figure.value, tag)} {...figure} meaning={meaning} />
        ))}
      </SimpleGrid>
    </Section>
  );
}
