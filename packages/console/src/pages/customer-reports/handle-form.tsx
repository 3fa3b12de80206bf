import { type CustomerReport, REPORT_STATES } from '@tax-control/protocol/console';
import { send } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { FindingForm } from '../../parts/finding-form.js';

/** What came of looking at a customer's report. */
export function HandleForm({ report, close }: { readonly report: CustomerReport; readonly close: () => void }) {
  const { t, code } = useLanguage();
  return (
    <FindingForm
      title={t('customer_reports.handle')}
      label={t('customer_reports.state')}
      choices={REPORT_STATES.map((value) => ({ value, label: code('report_state', value) }))}
      present={report.state === 'new' ? 'harmless' : report.state}
      note={report.note}
      submit={(state, note) => send('POST', `/reports/${encodeURIComponent(report.reportId)}/states`, { state, note })}
      close={close}
    />
  );
}
