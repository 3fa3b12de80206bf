import { Stack } from '@mantine/core';
import type { SessionRow } from '@tax-control/protocol/console';
import { useQueryClient } from '@tanstack/react-query';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { SESSION_KEY } from '../../api/session.js';
import { NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionButton } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Instant } from '../../parts/words.js';
import { useZone } from '../../url/zone.js';

const PATH = '/sessions';

/** Where one is signed in, and how to end it. */
export default function SessionsPage() {
  const { t } = useLanguage();
  const zone = useZone();
  const client = useQueryClient();
  const sessions = useReport<{ readonly items: readonly SessionRow[] }>(PATH);
  const endAll = async () => {
    await send('DELETE', PATH);
    client.setQueryData(SESSION_KEY, null);
  };
  const columns: readonly ColumnOf<SessionRow>[] = [
    { heading: t('sessions.started'), cell: ({ startedAt }) => <Instant at={startedAt} zone={zone} />, tight: true },
    {
      heading: t('sessions.last_seen'),
      cell: ({ lastSeenAt }) => <Instant at={lastSeenAt} zone={zone} />,
      tight: true,
    },
    { heading: t('sessions.expires'), cell: ({ expiresAt }) => <Instant at={expiresAt} zone={zone} />, tight: true },
    { heading: t('audit_trail.remote'), cell: ({ remoteAddress }) => remoteAddress, tight: true },
    {
      heading: t('sessions.browser'),
      cell: ({ userAgent }) => <span className="breakable">{userAgent ?? NO_VALUE}</span>,
      words: true,
    },
    {
      heading: t('column.actions'),
      cell: ({ sessionId, current, startedAt }) =>
        current ? (
          t('sessions.current')
        ) : (
          <ActionButton
            text={t('sessions.end')}
            label={`${t('sessions.end')}: ${startedAt}`}
            act={() => send('DELETE', `${PATH}/${encodeURIComponent(sessionId)}`)}
          />
        ),
    },
  ];
  return (
    <>
      <PageHead title={t('sessions.title')} lead={t('sessions.lead')} />
      <Stack gap="sm">
        <Section
          csv={{ name: 'sessions.csv', rows: () => exportOf(sessions.data?.items ?? []) }}
          title={t('sessions.title')}
          actions={<ActionButton text={t('sessions.end_all')} act={endAll} dangerous />}
        >
          <Answer of={sessions}>
            {({ items }) => (
              <DataTable
                caption={t('sessions.title')}
                rows={items}
                columns={columns}
                keyOf={({ sessionId }) => sessionId}
              />
            )}
          </Answer>
        </Section>
      </Stack>
    </>
  );
}

/** The sessions as a table of plain texts. */
function exportOf(sessions: readonly SessionRow[]): readonly (readonly string[])[] {
  const rows = sessions.map(({ startedAt, lastSeenAt, expiresAt, remoteAddress, userAgent }) => [
    startedAt,
    lastSeenAt,
    expiresAt,
    remoteAddress,
    userAgent ?? '',
  ]);
  return [['startedAt', 'lastSeenAt', 'expiresAt', 'remoteAddress', 'userAgent'], ...rows];
}
