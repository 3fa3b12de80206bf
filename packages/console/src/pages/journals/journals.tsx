import { useState } from 'react';
import { Anchor, Button, Stack } from '@mantine/core';
import { Link } from 'react-router';
import type { HandedJournal, Page } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useMay, useSession } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Dot, Instant, TerminalLink } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { HandInForm } from './hand-in-form.js';
import { JOURNAL_TONES } from './journal-tones.js';

const PATH = '/journals';

/** Journals of dead or revoked tills that were handed in, and for operators the way to hand one in. */
export default function JournalsPage() {
  const { t, tag, code } = useLanguage();
  const { fullName } = useSession();
  const may = useMay();
  const { parameters } = useAddressState();
  const zone = useZone();
  const [handing, setHanding] = useState(false);
  const journals = useReport<Page<HandedJournal>>(PATH, pageQuery(pageOf(parameters)));
  const columns: readonly ColumnOf<HandedJournal>[] = [
    {
      heading: t('journals.id'),
      cell: ({ handedId }) => (
        <Anchor component={Link} to={`/journals/${handedId}`} size="sm">
          {handedId}
        </Anchor>
      ),
      tight: true,
    },
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    {
      heading: t('journals.handed_at'),
      cell: ({ handedAt }) => <Instant at={handedAt} zone={zone} to="minute" />,
      tight: true,
    },
    { heading: t('journals.handed_by'), cell: ({ handedBy }) => handedBy, tight: true },
    {
      heading: t('column.status'),
      cell: ({ state }) => <Dot tone={JOURNAL_TONES[state]}>{code('handed_state', state)}</Dot>,
    },
    { heading: t('journals.invoices'), cell: ({ invoices }) => formatCount(invoices, tag), number: true },
    {
      heading: code('handed_state', 'refused'),
      cell: ({ results }) => formatCount(results.refused, tag),
      number: true,
    },
    { heading: t('form.reason'), cell: ({ reason }) => reason, words: true },
  ];
  return (
    <>
      <PageHead title={t('journals.title')} lead={t('journals.lead')} printedBy={fullName} zone={zone} />
      <Stack gap="sm">
        <Section
          title={t('journals.title')}
          csv={{ path: PATH }}
          long
          actions={
            may('operator') && (
              <Button size="compact-sm" variant="default" onClick={() => setHanding(true)}>
                {t('journals.hand_in')}
              </Button>
            )
          }
        >
          <Answer of={journals}>
            {(page) => (
              <PagedTable
                caption={t('journals.title')}
                page={page}
                columns={columns}
                keyOf={({ handedId }) => String(handedId)}
              />
            )}
          </Answer>
        </Section>
      </Stack>
      <HandInForm opened={handing} close={() => setHanding(false)} />
    </>
  );
}
