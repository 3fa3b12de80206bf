import { type ReactNode, useState } from 'react';
import { Button } from '@mantine/core';
import type { Page } from '@tax-control/protocol/console';
import { send } from '../api/client.js';
import { useReport } from '../api/report.js';
import { useMay } from '../api/session.js';
import { useLanguage } from '../i18n/language.js';
import { pageOf, pageQuery, useAddressState } from '../url/address-state.js';
import { ActionButton } from './action-form.js';
import { Answer } from './answer.js';
import { type ColumnOf, PagedTable } from './data-table.js';
import { Section } from './section.js';
import { Instant } from './words.js';

/** What officials declared and may withdraw: planned outages, seasonal closings. Instants are RFC 3339. */
interface Declaration {
  readonly start: string;
  readonly end: string;
  readonly reason: string;
  readonly declaredBy: string;
  readonly withdrawnAt: string | null;
}

interface DeclarationsProps<Row extends Declaration> {
  readonly title: string;
  /** Of the button that opens the form. */
  readonly declare: string;
  readonly path: string;
  /** The member of the address that holds the table's page. */
  readonly pageName: string;
  readonly zone: string;
  readonly idOf: (row: Row) => string;
  /** What a declaration is about. */
  readonly about: ColumnOf<Row>;
  readonly form: (opened: boolean, close: () => void) => ReactNode;
}

/** A table of declarations, and for operators the ways to declare and to withdraw one. */
export function Declarations<Row extends Declaration>(props: DeclarationsProps<Row>) {
  const { title, declare, path, pageName, zone, idOf, about, form } = props;
  const { t } = useLanguage();
  const may = useMay();
  const { parameters } = useAddressState();
  const [declaring, setDeclaring] = useState(false);
  const declared = useReport<Page<Row>>(path, pageQuery(pageOf(parameters, pageName)));
  const columns: readonly ColumnOf<Row>[] = [
    about,
    { heading: t('period.from'), cell: ({ start }) => <Instant at={start} zone={zone} to="minute" />, tight: true },
    { heading: t('period.to'), cell: ({ end }) => <Instant at={end} zone={zone} to="minute" />, tight: true },
    { heading: t('form.reason'), cell: ({ reason }) => reason, words: true },
    { heading: t('outages.by'), cell: ({ declaredBy }) => declaredBy, tight: true },
    {
      heading: t('column.actions'),
      cell: (row) => <Withdraw path={`${path}/${encodeURIComponent(idOf(row))}`} at={row.withdrawnAt} zone={zone} />,
    },
  ];
  return (
    <Section
      title={title}
      csv={{ path }}
      actions={
        may('operator') && (
          <Button size="compact-sm" variant="default" onClick={() => setDeclaring(true)}>
            {declare}
          </Button>
        )
      }
    >
      <Answer of={declared}>
        {(page) => <PagedTable caption={title} page={page} pageName={pageName} columns={columns} keyOf={idOf} />}
      </Answer>
      {form(declaring, () => setDeclaring(false))}
    </Section>
  );
}

function Withdraw({ path, at, zone }: { readonly path: string; readonly at: string | null; readonly zone: string }) {
  const { t } = useLanguage();
  const may = useMay();
  if (at !== null)
    return (
      <>
        {t('outages.withdrawn')} <Instant at={at} zone={zone} to="minute" />
      </>
    );
  if (!may('operator')) return null;
  return <ActionButton text={t('outages.withdraw')} act={() => send('POST', `${path}/withdrawal`)} />;
}
