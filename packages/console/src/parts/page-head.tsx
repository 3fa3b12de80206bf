import { type ReactNode, useEffect } from 'react';
import { Button, Group, Text, Title } from '@mantine/core';
import { useClock } from '../clock.js';
import { formatInstant } from '../format/format.js';
import { useLanguage } from '../i18n/language.js';
import { PrintIcon } from './icons.js';
import { printPage } from './print-page.js';

/** Names the page in the browser's tab. */
export function useDocumentTitle(title: string): void {
  const { t } = useLanguage();
  useEffect(() => {
    document.title = `${title} · ${t('app.title')}`;
  }, [title, t]);
}

interface PageHeadProps {
  readonly title: string;
  readonly lead?: string;
  /** Who prints it; without a name the page offers no printing. */
  readonly printedBy?: string;
  readonly zone?: string;
  readonly children?: ReactNode;
}

/** Heading of a page, with what can be done with the page as a whole. */
export function PageHead({ title, lead, printedBy, zone = 'UTC', children }: PageHeadProps) {
  const { t, tag } = useLanguage();
  const clock = useClock();
  useDocumentTitle(title);
  return (
    <Group justify="space-between" align="flex-start" mb="sm" gap="sm" className="head">
      <div>
        <Title order={1} className="breakable">
          {title}
        </Title>
        {lead !== undefined && (
          <Text size="sm" c="dimmed" maw={760}>
            {lead}
          </Text>
        )}
        {printedBy !== undefined && (
          <Text size="xs" className="print-only">
            {t('print.made', {
              at: `${formatInstant(new Date(clock.now()).toISOString(), tag, zone)} (${zone})`,
              name: printedBy,
            })}
          </Text>
        )}
      </div>
      <Group gap="xs" className="no-print">
        {children}
        {printedBy !== undefined && (
          <Button variant="default" size="compact-md" leftSection={<PrintIcon />} visibleFrom="sm" onClick={printPage}>
            {t('print.button')}
          </Button>
        )}
      </Group>
    </Group>
  );
}
