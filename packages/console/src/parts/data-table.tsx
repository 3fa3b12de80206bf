import type { ReactNode } from 'react';
import { Button, Group, Table, Text } from '@mantine/core';
import type { Page } from '@tax-control/protocol/console';
import { formatCount } from '../format/format.js';
import { useLanguage } from '../i18n/language.js';
import { useAddressState } from '../url/address-state.js';

/** A column: its heading, and what a row shows in it. Numbers stand right. */
export interface ColumnOf<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => ReactNode;
  readonly number?: boolean;
  /** Never broken over lines. */
  readonly tight?: boolean;
  readonly mono?: boolean;
  /** Has sentences: at least as wide as a few words, whatever is tight beside it. */
  readonly words?: boolean;
}

interface DataTableProps<Row> {
  /** For a screen reader; the heading above says it to everybody else. */
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: readonly ColumnOf<Row>[];
  readonly keyOf: (row: Row) => string;
}

function classOf<Row>({ number, tight, mono, words }: ColumnOf<Row>): string {
  const names = [
    number === true && 'number',
    tight === true && 'tight',
    mono === true && 'mono',
    words === true && 'words',
  ];
  return names.filter((name) => name !== false).join(' ');
}

/**
 * A table that scrolls sideways where it must, also by keyboard, with an edge that shows that there is more. Where it has the room of a phone
 * alone, each row is a card with the headings beside the values (console.css); it stays a table to a screen reader, so roles are named.
 */
export function DataTable<Row>({ caption, rows, columns, keyOf }: DataTableProps<Row>) {
  const { t } = useLanguage();
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed" py="xs">
        {t('table.empty')}
      </Text>
    );
  return (
    <div className="table-room">
      <div className="scroll-x" tabIndex={0} role="group" aria-label={caption}>
        <Table
          verticalSpacing={4}
          horizontalSpacing="xs"
          highlightOnHover
          withRowBorders
          className="data-table"
          role="table"
        >
          <caption className="hidden">{caption}</caption>
          <Table.Thead role="rowgroup">
            <Table.Tr role="row">
              {columns.map((column) => (
                <Table.Th
                  key={column.heading}
                  scope="col"
                  role="columnheader"
                  className={column.number === true ? 'number' : ''}
                >
                  {column.heading}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody role="rowgroup">
            {rows.map((row) => (
              <Table.Tr key={keyOf(row)} role="row">
                {columns.map((column) => (
                  <Table.Td key={column.heading} role="cell" data-heading={column.heading} className={classOf(column)}>
                    <div>{column.cell(row)}</div>
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </div>
  );
}

interface PagedTableProps<Row> extends Omit<DataTableProps<Row>, 'rows'> {
  readonly page: Page<Row>;
  /** The member of the address that holds the page, where a view has several tables. */
  readonly pageName?: string;
}

/** A table of which the server gives a page at a time; the page is in the address. */
export function PagedTable<Row>({ page, pageName = 'page', ...table }: PagedTableProps<Row>) {
  return (
    <>
      <DataTable {...table} rows={page.items} />
      <Pager page={page} name={pageName} />
    </>
  );
}

function Pager({ page, name }: { readonly page: Page<unknown>; readonly name: string }) {
  const { t, tag } = useLanguage();
  const { change } = useAddressState();
  const pages = page.total === null ? null : Math.max(1, Math.ceil(page.total / page.pageSize));
  if (page.page === 1 && !page.more)
    return (
      <Text size="xs" c="dimmed" mt={4}>
        {page.items.length > 0 && t('table.rows', { count: formatCount(page.items.length, tag) })}
      </Text>
    );
  return (
    <Group gap="xs" mt="xs" justify="flex-end" className="no-print" component="nav" aria-label={t('table.pages')}>
      {page.total !== null && (
        <Text size="xs" c="dimmed">
          {t('table.rows', { count: formatCount(page.total, tag) })}
        </Text>
      )}
      <Button
        variant="default"
        size="compact-sm"
        disabled={page.page === 1}
        onClick={() => change({ [name]: page.page === 2 ? null : String(page.page - 1) })}
      >
        {t('table.previous')}
      </Button>
      <Text size="sm">
        {pages === null
          ? t('table.page', { page: formatCount(page.page, tag) })
          : t('table.page_of', { page: formatCount(page.page, tag), pages: formatCount(pages, tag) })}
      </Text>
      <Button
        variant="default"
        size="compact-sm"
        disabled={!page.more}
        onClick={() => change({ [name]: String(page.page + 1) })}
      >
        {t('table.next')}
      </Button>
    </Group>
  );
}
