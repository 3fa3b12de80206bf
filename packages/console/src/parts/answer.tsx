import type { ReactNode } from 'react';
import { Loader, Center } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useLanguage } from '../i18n/language.js';
import { ProblemNotice } from './problem-notice.js';

interface AnswerProps<Data> {
  readonly of: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}

/** What the server answered, or that it is being asked, or why there is nothing. What was there stays while the next is asked for. */
export function Answer<Data>({ of, children }: AnswerProps<Data>) {
  const { t } = useLanguage();
  if (of.isError) return <ProblemNotice error={of.error} retry={() => void of.refetch()} />;
  if (of.isPending)
    return (
      <Center py="lg">
        <Loader size="sm" aria-label={t('table.loading')} role="status" />
      </Center>
    );
  return (
    <div aria-busy={of.isFetching} className={of.isPlaceholderData ? 'old' : undefined}>
      {children(of.data)}
    </div>
  );
}
