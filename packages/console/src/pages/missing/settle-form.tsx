import { useState } from 'react';
import { Select, Text } from '@mantine/core';
import { DISPUTE_DECISIONS, type DisputedCode } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { TextField } from '../../parts/text-field.js';
import { inGroups } from '../invoices/invoice-columns.js';

interface SettleFormProps {
  readonly dispute: DisputedCode | null;
  readonly close: () => void;
}

/** Decides which receipt of a dispute is the right one. */
export function SettleForm({ dispute, close }: SettleFormProps) {
  const { t, code } = useLanguage();
  const [stands, setStands] = useState<string>('on_file');
  const [reason, setReason] = useState('');
  const leave = () => {
    // Nothing that was typed is kept for the next dispute.
    setStands('on_file');
    setReason('');
    close();
  };
  return (
    <ActionForm
      title={t('disputes.settle')}
      opened={dispute !== null}
      close={leave}
      submit={() => {
        const { code: ofReceipt = '', codeOnFile = '' } = dispute ?? {};
        return send('POST', '/disputes/settlements', { code: ofReceipt, codeOnFile, stands, reason });
      }}
      submitText={t('disputes.settle')}
    >
      <Text size="sm">
        {t('disputes.lead', { code: inGroups(dispute?.code ?? ''), codeOnFile: inGroups(dispute?.codeOnFile ?? '') })}
      </Text>
      <Select
        label={t('disputes.stands')}
        data={DISPUTE_DECISIONS.map((value) => ({ value, label: code('dispute_decision', value) }))}
        value={stands}
        allowDeselect={false}
        onChange={(next) => setStands(next ?? 'on_file')}
      />
      <TextField member="reason" label={t('form.reason')} hint={t('form.reason_hint')} value={reason} set={setReason} />
    </ActionForm>
  );
}
