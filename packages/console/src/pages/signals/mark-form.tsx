import { useState } from 'react';
import { Radio, Stack, Textarea } from '@mantine/core';
import type { Signal, SignalMark } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';
import type { Tone } from '../../parts/words.js';

export const MARK_TONES: Readonly<Record<SignalMark, Tone>> = { open: 'warn', harmless: 'good', to_follow: 'bad' };
const MARKS: readonly SignalMark[] = ['harmless', 'to_follow', 'open'];

/** What came of looking at a signal, with a note for whoever looks next. */
export function MarkForm({ signal, close }: { readonly signal: Signal; readonly close: () => void }) {
  const { t, code } = useLanguage();
  const [mark, setMark] = useState<SignalMark>(signal.mark === 'open' ? 'harmless' : signal.mark);
  const [note, setNote] = useState(signal.note ?? '');
  return (
    <ActionForm
      title={t('signals.mark_title', { name: code('rule', signal.rule) })}
      opened
      close={close}
      submit={() => send('POST', `/signals/${encodeURIComponent(signal.signalId)}/marks`, { mark, note })}
    >
      <Radio.Group label={t('signals.mark')} value={mark} onChange={(next) => setMark(next)}>
        <Stack gap="xs" mt={4}>
          {MARKS.map((value) => (
            <Radio key={value} value={value} label={code('mark', value)} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea
        label={t('form.note')}
        required
        autosize
        minRows={2}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ActionForm>
  );
}
