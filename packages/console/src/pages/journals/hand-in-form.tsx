import { useState } from 'react';
import { Checkbox, FileInput, Text } from '@mantine/core';
import { useNavigate } from 'react-router';
import type { HandedIn } from '@tax-control/protocol/console';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import { TextField } from '../../parts/text-field.js';
import { uploadJournal } from './upload-journal.js';

/** Sends an exported journal, and opens the page that says what became of it. */
export function HandInForm({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [reason, setReason] = useState('');
  const [isCheck, setIsCheck] = useState(false);
  const [takesBroken, setTakesBroken] = useState(false);
  const [sent, setSent] = useState<number | null>(null);
  const submit = async (): Promise<HandedIn> => {
    if (file === null) throw new Error('no file was chosen');
    try {
      return await uploadJournal({ file, reason, isCheck, takesBroken }, setSent);
    } finally {
      setSent(null);
    }
  };
  return (
    <ActionForm
      title={t('journals.hand_in')}
      opened={opened}
      close={close}
      submit={submit}
      done={({ journal }) => void navigate(`/journals/${journal.handedId}`)}
      submitText={t('journals.hand_in')}
    >
      <FileInput
        label={t('journals.file')}
        placeholder={t('journals.choose')}
        required
        value={file}
        onChange={setFile}
      />
      <TextField member="reason" label={t('form.reason')} hint={t('form.reason_hint')} value={reason} set={setReason} />
      <Checkbox
        label={t('journals.check')}
        checked={isCheck}
        onChange={(event) => setIsCheck(event.currentTarget.checked)}
      />
      <Checkbox
        label={t('journals.broken')}
        checked={takesBroken}
        onChange={(event) => setTakesBroken(event.currentTarget.checked)}
      />
      {sent !== null && (
        <Text size="sm" role="status">
          {t('journals.sent', { percent: Math.floor(sent * 100) })}
        </Text>
      )}
    </ActionForm>
  );
}
