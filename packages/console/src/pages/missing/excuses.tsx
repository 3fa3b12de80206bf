import { useState } from 'react';
import { Text } from '@mantine/core';
import type { Page, TerminalExcuse, UnheardSinceRestore } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { TextField } from '../../parts/text-field.js';
import { Instant, TerminalLink } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';

const PATH = '/excuses';
const PAGE_NAME = 'excusesPage';

/** Terminals that nobody waits for since the last restore. */
export function Excuses({ zone }: { readonly zone: string }) {
  const { t } = useLanguage();
  const { parameters } = useAddressState();
  const excuses = useReport<Page<TerminalExcuse>>(PATH, pageQuery(pageOf(parameters, PAGE_NAME)));
  const columns: readonly ColumnOf<TerminalExcuse>[] = [
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    { heading: t('form.reason'), cell: ({ reason }) => reason, words: true },
    { heading: t('excuses.by'), cell: ({ excusedBy }) => excusedBy, tight: true },
    {
      heading: t('column.since'),
      cell: ({ excusedAt }) => <Instant at={excusedAt} zone={zone} to="minute" />,
      tight: true,
    },
  ];
  return (
    <Section title={t('excuses.title')} csv={{ path: PATH }}>
      <Answer of={excuses}>
        {(page) => (
          <PagedTable
            caption={t('excuses.title')}
            page={page}
            pageName={PAGE_NAME}
            columns={columns}
            keyOf={({ terminalId }) => terminalId}
          />
        )}
      </Answer>
    </Section>
  );
}

interface ExcuseFormProps {
  readonly terminal: UnheardSinceRestore | null;
  readonly close: () => void;
}

/** Waits for a terminal no longer. */
export function ExcuseForm({ terminal, close }: ExcuseFormProps) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const terminalId = terminal?.terminalId ?? '';
  const leave = () => {
    // Nothing that was typed is kept for the next terminal.
    setReason('');
    close();
  };
  return (
    <ActionForm
      title={t('excuses.excuse')}
      opened={terminal !== null}
      close={leave}
      submit={() => send('POST', `/terminals/${encodeURIComponent(terminalId)}/excuses`, { reason })}
      submitText={t('excuses.excuse')}
    >
      <Text size="sm">{t('excuses.lead', { terminalId })}</Text>
      <TextField member="reason" label={t('form.reason')} hint={t('form.reason_hint')} value={reason} set={setReason} />
    </ActionForm>
  );
}
