import { Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { download, type Query } from '../api/client.js';
import { useLanguage } from '../i18n/language.js';
import { DownloadIcon } from './icons.js';

/** Where the CSV of a table or chart comes from; `table` names one of a report's several tables. */
export interface CsvSource {
  readonly path: string;
  readonly query?: Query;
  readonly table?: string;
  /** Where the server is asked by POST: the body of it. */
  readonly posted?: unknown;
}

export function CsvButton({ source, name }: { readonly source: CsvSource; readonly name: string }) {
  const { t } = useLanguage();
  const { path, query = {}, table, posted } = source;
  const fetchCsv = useMutation({
    mutationFn: () => {
      const { page: _page, pageSize: _pageSize, ...whole } = query;
      return download(path, { ...whole, format: 'csv', table }, `${path.split('/').pop() ?? 'table'}.csv`, posted);
    },
  });
  return (
    <Tooltip label={t('table.csv_failed')} opened={fetchCsv.isError} color="red">
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        className="quiet no-print"
        leftSection={<DownloadIcon />}
        loading={fetchCsv.isPending}
        aria-label={t('table.csv_of', { name })}
        onClick={() => fetchCsv.mutate()}
      >
        {t('table.csv')}
      </Button>
    </Tooltip>
  );
}
