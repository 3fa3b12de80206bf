import { useState } from 'react';
import { Radio, Stack, Textarea } from '@mantine/core';
import { type CustomerReport, REPORT_STATES, type ReportState } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { ActionForm } from '../../parts/action-form.js';

/** What came of looking at a customer's report. */
export function HandleForm({ report, close }: { readonly report: CustomerReport; readonly close: () => void }) {
  const { t, code } = useLanguage();
  const [state, setState] = useState<ReportState>(report.state === 'new' ? 'harmless' : report.state);
  const [note, setNote] = useState(report.note ?? '');
  return (
    <ActionForm
      title={t('customer_reports.handle')}
      opened
      close={close}
      submit={() => send('POST', `/reports/${encodeURIComponent(report.reportId)}/states`, { state, note })}
    >
      <Radio.Group label={t('customer_reports.state')} value={state} onChange={(next) => setState(next)}>
        <Stack gap="xs" mt={4}>
          {REPORT_STATES.map((value) => (
            <Radio key={value} value={value} label={code('report_state', value)} />
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
