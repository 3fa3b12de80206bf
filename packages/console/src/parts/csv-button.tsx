import { Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { fetchText, handOver, type Query } from '../api/client.js';
import { csvText } from '../csv/csv-text.js';
import type { CsvReader } from '../csv/say-csv.js';
import { useLanguage } from '../i18n/language.js';
import { useZone } from '../url/zone.js';
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
  /** The first row is the heading: names of members, as in the server's own files. */
  readonly rows: () => readonly (readonly string[])[];
}

export function CsvButton({ source, name }: { readonly source: CsvSource | OwnCsv; readonly name: string }) {
  const language = useLanguage();
  const { t } = language;
  const zone = useZone();
  const fetchCsv = useMutation({ mutationFn: () => exportFrom(source, { language, zone }) });
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

/** What the page shows, as a file that says the same. */
async function exportFrom(source: CsvSource | OwnCsv, reader: CsvReader): Promise<void> {
  // Fetched when a file is asked for: what it takes to say one is no small part of the console.
  const { pageCsv, sayCsv } = await import('../csv/page-csv.js');
  if ('rows' in source) {
    handOver(fileOf(sayCsv(source.rows(), reader)), source.name);
    return;
  }
  const { path, query = {}, table, posted } = source;
  const { page: _page, pageSize: _pageSize, ...whole } = query;
  const fallback = `${path.split('/').pop() ?? 'table'}.csv`;
  const { name, text } = await fetchText(path, { ...whole, format: 'csv', table }, fallback, posted);
  const bounds = { ...whole, ...(typeof posted === 'object' ? posted : null) };
  const { rows, fileName } = pageCsv(text, name, bounds, reader);
  handOver(fileOf(rows), fileName);
}

function fileOf(rows: readonly (readonly string[])[]): Blob {
  return new Blob([csvText(rows)], { type: 'text/csv' });
}
