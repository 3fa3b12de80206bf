import { Text } from '@mantine/core';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';

/** How many of some failures were not even tried, because the line was known to be down; nothing where none was. */
export function NotTried({ count }: { readonly count: number }) {
  const { t, tag } = useLanguage();
  if (count === 0) return null;
  return (
    <Text size="xs" c="dimmed" component="div">
      {t('failures.not_tried', { count: formatCount(count, tag) })}
    </Text>
  );
}
