import { Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { download, handOver, type Query } from '../api/client.js';
import { csvText } from './csv-text.js';
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

/** A table that the page has whole: nothing is asked for again. */
export interface OwnCsv {
  readonly name: string;
  /** The first row is the heading. */
  readonly rows: () => readonly (readonly string[])[];
}

export function CsvButton({ source, name }: { readonly source: CsvSource | OwnCsv; readonly name: string }) {
  const { t } = useLanguage();
  const fetchCsv = useMutation({ mutationFn: () => exportFrom(source) });
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

async function exportFrom(source: CsvSource | OwnCsv): Promise<void> {
  if ('rows' in source) {
    handOver(new Blob([csvText(source.rows())], { type: 'text/csv' }), source.name);
    return;
  }
  const { path, query = {}, table, posted } = source;
  const { page: _page, pageSize: _pageSize, ...whole } = query;
  await download(path, { ...whole, format: 'csv', table }, `${path.split('/').pop() ?? 'table'}.csv`, posted);
}
