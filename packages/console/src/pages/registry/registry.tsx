import { Stack } from '@mantine/core';
import { useLanguage } from '../../i18n/language.js';
import { PageHead } from '../../parts/page-head.js';
import { Premises } from './premises.js';
import { Taxpayers } from './taxpayers.js';

/** Taxpayers and their premises; operators add them, and register terminals there. */
export default function RegistryPage() {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t('registry.title')} />
      <Stack gap="sm">
        <Premises />
        <Taxpayers />
      </Stack>
    </>
  );
}
