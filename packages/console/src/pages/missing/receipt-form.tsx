import { useState } from 'react';
import { Checkbox, SegmentedControl, Select, Text, Textarea } from '@mantine/core';
import type { HandedReceipt } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { useFieldFault } from '../../parts/field-faults.js';
import { TextField } from '../../parts/text-field.js';

const WAYS = ['receipt', 'print'] as const;
const KINDS = ['sale', 'refund', 'void'] as const;
const TYPES = ['normal', 'advance', 'training', 'proforma', 'copy'] as const;
const NO_PRINT = { code: '', terminalId: '', counter: '', soldAt: '', total: '', currency: '' };

interface ReceiptFormProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly done: (answer: HandedReceipt) => void;
}

/** Takes in a receipt that only a customer has: as the server signed it, or as the paper shows it. */
export function ReceiptForm({ opened, close, done }: ReceiptFormProps) {
  const { t, code } = useLanguage();
  const [way, setWay] = useState<(typeof WAYS)[number]>('print');
  const [receipt, setReceipt] = useState('');
  const [print, setPrint] = useState(NO_PRINT);
  const [kind, setKind] = useState<string>('sale');
  const [type, setType] = useState<string>('normal');
  const [reason, setReason] = useState('');
  const [isCheck, setIsCheck] = useState(false);
  const finish = (answer: HandedReceipt) => {
    // What was tried stays to be taken in; nothing that was taken in stays for the next receipt.
    if (!answer.isCheck) {
      setReceipt('');
      setPrint(NO_PRINT);
      setKind('sale');
      setType('normal');
      setReason('');
    }
    done(answer);
  };
  const field = (member: keyof typeof NO_PRINT, label: string, hint?: string) => (
    <TextField
      member={member}
      label={label}
      value={print[member]}
      set={(value) => setPrint({ ...print, [member]: value })}
      {...(hint === undefined ? {} : { hint })}
    />
  );
  return (
    <ActionForm
      title={t('receipts.take_in')}
      opened={opened}
      close={close}
      submit={() =>
        send<HandedReceipt>('POST', '/receipts', {
          ...(way === 'receipt' ? { receipt } : { ...print, kind, type }),
          reason,
          isCheck,
        })
      }
      done={finish}
      submitText={t('receipts.take_in')}
    >
      <Text size="sm">{t('receipts.lead')}</Text>
      <SegmentedControl
        aria-label={t('receipts.way')}
        data={WAYS.map((value) => ({ value, label: t(`receipts.way_${value}`) }))}
        value={way}
        onChange={(next) => setWay(next === 'receipt' ? 'receipt' : 'print')}
      />
      {way === 'receipt' ? (
        <SignedReceipt value={receipt} set={setReceipt} />
      ) : (
        <>
          {field('code', t('receipts.code'))}
          {field('terminalId', t('column.terminal'))}
          {field('counter', t('receipts.counter'))}
          {field('soldAt', t('receipts.sold_at'), t('receipts.sold_at_hint'))}
          {field('total', t('receipts.total'))}
          {field('currency', t('receipts.currency'))}
          <Select
            label={t('receipts.kind')}
            data={KINDS.map((value) => ({ value, label: code('kind', value) }))}
            value={kind}
            allowDeselect={false}
            onChange={(next) => setKind(next ?? 'sale')}
          />
          <Select
            label={t('receipts.type')}
            data={TYPES.map((value) => ({ value, label: code('type', value) }))}
            value={type}
            allowDeselect={false}
            onChange={(next) => setType(next ?? 'normal')}
          />
        </>
      )}
      <TextField member="reason" label={t('form.reason')} hint={t('form.reason_hint')} value={reason} set={setReason} />
      <Checkbox
        label={t('receipts.check')}
        checked={isCheck}
        onChange={(event) => setIsCheck(event.currentTarget.checked)}
      />
    </ActionForm>
  );
}

function SignedReceipt({ value, set }: { readonly value: string; readonly set: (value: string) => void }) {
  const { t } = useLanguage();
  return (
    <Textarea
      label={t('receipts.receipt')}
      description={t('receipts.receipt_hint')}
      error={useFieldFault('receipt')}
      required
      rows={6}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
