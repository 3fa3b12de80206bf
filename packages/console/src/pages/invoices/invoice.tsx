import { type FormEvent, useState } from 'react';
import { Anchor, Button, Group, Paper, TextInput } from '@mantine/core';
import { Link, useLocation, useParams } from 'react-router';
import { CONSOLE_LIMITS, type InvoiceView } from '@tax-control/protocol/console';
import { useLookUp } from '../../api/look-up.js';
import { useSession } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { PageHead } from '../../parts/page-head.js';
import { useZone } from '../../url/zone.js';
import { inGroups } from './invoice-columns.js';
import { InvoiceBody } from './invoice-body.js';

/** One invoice. The reason comes along from the look-up, or is asked for here. */
export default function InvoicePage() {
  const { t } = useLanguage();
  const { fullName } = useSession();
  const zone = useZone();
  const { terminalId = '', invoiceId = '' } = useParams();
  const { state } = useLocation() as { readonly state: { readonly reason?: string } | null };
  const [given, setGiven] = useState<string | null>(null);
  const reason = given ?? state?.reason ?? null;
  const view = useLookUp<InvoiceView>('/invoices/views', reason === null ? null : { reason, terminalId, invoiceId });
  const name = view.data === undefined ? invoiceId : inGroups(view.data.code);
  return (
    <>
      <PageHead title={t('invoice.title', { code: name })} printedBy={fullName} zone={zone}>
        <Anchor component={Link} to="/invoices" size="sm">
          {t('invoices.back')}
        </Anchor>
      </PageHead>
      {reason === null ? (
        <ReasonForm onReason={setGiven} />
      ) : (
        <Answer of={view}>{(invoice) => <InvoiceBody invoice={invoice} zone={zone} reason={reason} />}</Answer>
      )}
    </>
  );
}

function ReasonForm({ onReason }: { readonly onReason: (reason: string) => void }) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onReason(reason.trim());
  };
  return (
    <Paper withBorder p="sm" component="form" onSubmit={submit} maw={640}>
      <Group align="flex-end" gap="xs">
        <TextInput
          label={t('invoices.give_reason')}
          description={t('form.reason_hint')}
          required
          minLength={CONSOLE_LIMITS.reasonLengthMin}
          maxLength={CONSOLE_LIMITS.reasonLengthMax}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          flex={1}
        />
        <Button type="submit">{t('invoices.look_up')}</Button>
      </Group>
    </Paper>
  );
}
