import { Button, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useLanguage } from '../i18n/language.js';
import { PageHead } from '../parts/page-head.js';

/** A page that threw: a fault of ours, with a way on. */
export function PageFailed() {
  const { t } = useLanguage();
  return (
    <Stack p="md" role="alert">
      <PageHead title={t('problem.crash')} />
      <Text>{t('problem.crash_detail')}</Text>
      <div>
        <Button onClick={() => globalThis.location.reload()}>{t('problem.retry')}</Button>
      </div>
    </Stack>
  );
}

export function NotFound() {
  const { t } = useLanguage();
  return (
    <Stack>
      <PageHead title={t('not_found.title')} />
      <Text>{t('not_found.detail')}</Text>
      <div>
        <Button component={Link} to="/">
          {t('not_found.home')}
        </Button>
      </div>
    </Stack>
  );
}
