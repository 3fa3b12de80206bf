import { useState } from 'react';
import { Button, Group, Text } from '@mantine/core';
import type { OfficialRow, OfficialWithPassword } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { formatCount, formatInstant, NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionButton } from '../../parts/action-form.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { Dot, Instant } from '../../parts/words.js';
import { viewInWords } from '../../shell/account-menu.js';
import { useZone } from '../../url/zone.js';
import { OfficialForm } from './official-form.js';

const PATH = '/officials';

/** Accounts of officials, for administrators. A temporary password is shown once. */
export default function OfficialsPage() {
  const language = useLanguage();
  const { t, tag, code } = language;
  const zone = useZone();
  const [editing, setEditing] = useState<OfficialRow | 'new' | null>(null);
  const [shown, setShown] = useState<OfficialWithPassword | null>(null);
  const officials = useReport<{ readonly items: readonly OfficialRow[] }>(PATH);
  const columns: readonly ColumnOf<OfficialRow>[] = [
    { heading: t('officials.name'), cell: ({ name }) => name, tight: true },
    { heading: t('officials.full_name'), cell: ({ fullName }) => fullName },
    {
      heading: t('officials.roles'),
      cell: ({ roles }) => roles.map((role) => <div key={role}>{code('role', role)}</div>),
      words: true,
    },
    { heading: t('officials.view'), cell: ({ view }) => viewInWords(view, language) },
    {
      heading: t('officials.last_sign_in'),
      cell: ({ lastSignInAt }) =>
        lastSignInAt === null ? NO_VALUE : <Instant at={lastSignInAt} zone={zone} to="minute" />,
      tight: true,
    },
    { heading: t('column.status'), cell: (official) => <StatusOf official={official} zone={zone} /> },
    { heading: t('officials.sessions'), cell: ({ sessions }) => formatCount(sessions, tag), number: true },
    {
      heading: t('column.actions'),
      cell: (official) => (
        <Group gap={4}>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => setEditing(official)}
            aria-label={`${t('officials.change')}: ${official.name}`}
          >
            {t('officials.change')}
          </Button>
          <ActionButton
            text={t('officials.reset_password')}
            label={`${t('officials.reset_password')}: ${official.name}`}
            act={async () =>
              setShown(
                await send<OfficialWithPassword>('POST', `${PATH}/${encodeURIComponent(official.name)}/password`),
              )
            }
          />
          <ActionButton
            text={t('officials.end_sessions')}
            label={`${t('officials.end_sessions')}: ${official.name}`}
            act={() => send('DELETE', `${PATH}/${encodeURIComponent(official.name)}/sessions`)}
          />
        </Group>
      ),
    },
  ];
  return (
    <>
      <PageHead title={t('officials.title')} />
      <Section
        title={t('officials.title')}
        long
        csv={{ name: 'officials.csv', rows: () => exportOf(officials.data?.items ?? []) }}
        actions={
          <Button size="compact-sm" variant="default" onClick={() => setEditing('new')}>
            {t('officials.add')}
          </Button>
        }
      >
        <Answer of={officials}>
          {({ items }) => (
            <DataTable caption={t('officials.title')} rows={items} columns={columns} keyOf={({ name }) => name} />
          )}
        </Answer>
      </Section>
      {editing !== null && (
        <OfficialForm official={editing === 'new' ? null : editing} close={() => setEditing(null)} added={setShown} />
      )}
      <ShownOnce
        title={t('officials.password_of', { name: shown?.official.name ?? '' })}
        lead={t('officials.password_once')}
        name={t('officials.temporary_password')}
        secret={shown?.temporaryPassword ?? null}
        note={t('invitation.until', { at: formatInstant(shown?.official.temporaryPasswordUntil ?? null, tag, zone) })}
        forget={() => setShown(null)}
      />
    </>
  );
}

function StatusOf({ official, zone }: { readonly official: OfficialRow; readonly zone: string }) {
  const { t, tag } = useLanguage();
  const { disabledAt, delayedUntil, temporaryPasswordUntil } = official;
  const at = (instant: string) => formatInstant(instant, tag, zone);
  return (
    <>
      {disabledAt === null ? (
        <Dot tone="good">{t('officials.enabled')}</Dot>
      ) : (
        <Dot tone="bad">{t('officials.disabled')}</Dot>
      )}
      {delayedUntil !== null && (
        <Text size="xs" className="warn">
          {t('officials.delayed', { at: at(delayedUntil) })}
        </Text>
      )}
      {temporaryPasswordUntil !== null && (
        <Text size="xs" c="dimmed">
          {t('officials.temporary_until', { at: at(temporaryPasswordUntil) })}
        </Text>
      )}
    </>
  );
}

/** The accounts as a table of plain texts. */
function exportOf(officials: readonly OfficialRow[]): readonly (readonly string[])[] {
  const rows = officials.map(({ name, fullName, roles, view, createdAt, lastSignInAt, disabledAt, sessions }) => [
    name,
    fullName,
    roles.join(' '),
    view.kind === 'all' ? 'all' : (view.kind === 'regions' ? view.regions : view.taxpayerIds).join(' '),
    createdAt,
    lastSignInAt ?? '',
    disabledAt ?? '',
    String(sessions),
  ]);
  return [['name', 'fullName', 'roles', 'view', 'createdAt', 'lastSignInAt', 'disabledAt', 'sessions'], ...rows];
}
