import type { Signal, SignalMark } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { FindingForm } from '../../parts/finding-form.js';
import type { Tone } from '../../parts/words.js';

export const MARK_TONES: Readonly<Record<SignalMark, Tone>> = { open: 'warn', harmless: 'good', to_follow: 'bad' };
const MARKS: readonly SignalMark[] = ['harmless', 'to_follow', 'open'];

/** What came of looking at a signal, with a note for whoever looks next. */
export function MarkForm({ signal, close }: { readonly signal: Signal; readonly close: () => void }) {
  const { t, code } = useLanguage();
  return (
    <FindingForm
      title={t('signals.mark_title', { name: code('rule', signal.rule) })}
      label={t('signals.mark')}
      choices={MARKS.map((value) => ({ value, label: code('mark', value) }))}
      present={signal.mark === 'open' ? 'harmless' : signal.mark}
      note={signal.note}
      submit={(mark, note) => send('POST', `/signals/${encodeURIComponent(signal.signalId)}/marks`, { mark, note })}
      close={close}
    />
  );
}
