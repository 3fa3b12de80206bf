import { useState } from 'react';
import { Alert, Button, Checkbox } from '@mantine/core';
import { type CertificateRevocation, descendantsOf, type TerminalPage } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { TextField } from '../../parts/text-field.js';
import { ActionForm } from '../../parts/action-form.js';

interface RevokeCertificateProps {
  readonly terminal: TerminalPage;
  readonly thumbprint: string;
}

/** Revokes one certificate and offers what was renewed from it. */
export function RevokeCertificate({ terminal: { terminalId, certificates }, thumbprint }: RevokeCertificateProps) {
  const { t, tag } = useLanguage();
  const [opened, setOpened] = useState(false);
  const [reason, setReason] = useState('');
  const renewed = descendantsOf(thumbprint, certificates).filter(({ revokedAt }) => revokedAt === null);
  const [descendants, setDescendants] = useState(true);
  const serial = certificates.find((one) => one.thumbprint === thumbprint)?.serial ?? thumbprint;
  const path = `/terminals/${encodeURIComponent(terminalId)}/certificates/${thumbprint}/revocations`;
  const body: CertificateRevocation = { reason, descendants: descendants && renewed.length > 0 };
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={t('terminal.certificate_revoke_title', { serial })}
        onClick={() => setOpened(true)}
      >
        {t('terminal.certificate_revoke')}
      </Button>
      <ActionForm
        title={t('terminal.certificate_revoke_title', { serial })}
        opened={opened}
        close={() => setOpened(false)}
        submit={() => send('POST', path, body)}
        submitText={t('terminal.certificate_revoke')}
        dangerous
      >
        <Alert color="red" variant="light">
          {t('terminal.certificate_revoke_warning')}
        </Alert>
        {renewed.length > 0 && (
          <Checkbox
            label={t('terminal.certificate_descendants', { count: formatCount(renewed.length, tag) })}
            checked={descendants}
            onChange={(event) => setDescendants(event.currentTarget.checked)}
          />
        )}
        <TextField
          member="reason"
          label={t('form.reason')}
          hint={t('form.reason_hint')}
          value={reason}
          set={setReason}
        />
      </ActionForm>
    </>
  );
}
