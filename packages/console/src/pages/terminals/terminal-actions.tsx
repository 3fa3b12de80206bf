import { useState } from 'react';
import { Alert, Button } from '@mantine/core';
import type { InvitationShown, StatusChange, TerminalPage } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { formatInstant } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { TextField } from '../../parts/text-field.js';
import { ActionForm } from '../../parts/action-form.js';
import { ShownOnce } from '../../parts/shown-once.js';

type Asked = StatusChange['status'] | 'invite' | null;

/** Suspend, revoke, let sell again, invite: what an operator does with one till, each with a reason. */
export function TerminalActions({ terminal, zone }: { readonly terminal: TerminalPage; readonly zone: string }) {
  const { t, tag } = useLanguage();
  const { terminalId, status } = terminal;
  const [asked, setAsked] = useState<Asked>(null);
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<InvitationShown | null>(null);
  const path = `/terminals/${encodeURIComponent(terminalId)}`;
  const submit = async () => {
    if (asked === 'invite') setShown(await send<InvitationShown>('POST', `${path}/invitations`, { reason }));
    else await send('POST', `${path}/status`, { status: asked, reason });
    setReason('');
  };
  const button = (what: Exclude<Asked, null>, text: string) => (
    <Button key={what} size="compact-sm" variant="default" onClick={() => setAsked(what)}>
      {text}
    </Button>
  );
  return (
    <>
      {status !== 'revoked' && button('invite', t('terminal.invite'))}
      {status === 'active' && button('suspended', t('terminal.suspend'))}
      {status === 'suspended' && button('active', t('terminal.reactivate'))}
      {status !== 'revoked' && button('revoked', t('terminal.revoke'))}
      <ActionForm
        title={t('terminal.status_title', { id: terminalId })}
        opened={asked !== null}
        close={() => setAsked(null)}
        submit={submit}
        submitText={asked === null ? '' : t(SUBMIT[asked])}
        dangerous={asked === 'revoked'}
      >
        {asked === 'revoked' && (
          <Alert color="red" variant="light">
            {t('terminal.revoke_warning')}
          </Alert>
        )}
        <TextField
          member="reason"
          label={t('form.reason')}
          hint={t('form.reason_hint')}
          value={reason}
          set={setReason}
        />
      </ActionForm>
      <ShownOnce
        title={t('invitation.title', { id: terminalId })}
        lead={t('invitation.once')}
        name={t('invitation.text')}
        secret={shown?.invitation ?? null}
        note={t('invitation.until', { at: formatInstant(shown?.expiresAt ?? null, tag, zone) })}
        forget={() => setShown(null)}
      />
    </>
  );
}

const SUBMIT = {
  invite: 'terminal.invite',
  active: 'terminal.reactivate',
  suspended: 'terminal.suspend',
  revoked: 'terminal.revoke',
} as const;
