import { type FormEvent, useState } from 'react';
import { Alert, Button, Paper, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';
import { download } from '../../api/client.js';
import { useLanguage } from '../../i18n/language.js';
import { Field, FieldFaults } from '../../parts/field-faults.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { ProblemNotice } from '../../parts/problem-notice.js';
import { useAddressState, useReportQuery } from '../../url/address-state.js';

/** Makes the ZIP that stands for a shop and a period before a court. */
export default function EvidencePage() {
  const { t } = useLanguage();
  const { one, change } = useAddressState();
  const { period } = useReportQuery();
  const [reason, setReason] = useState('');
  const premisesId = one('premisesId') ?? '';
  const [typed, setTyped] = useState(premisesId);
  const { from, to, zone } = period;
  const make = useMutation({
    mutationFn: () =>
      download('/evidence', {}, 'evidence.zip', { premisesId: typed.trim(), from, to, zone, reason: reason.trim() }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <>
      <PageHead title={t('evidence.title')} lead={t('evidence.lead')} />
      <PeriodBar period={period} />
      <Paper withBorder p="sm" mt="sm" maw={640} component="form" onSubmit={submit}>
        <Stack gap="sm">
          <FieldFaults error={make.error}>
            <Field member="premisesId">
              {(error) => (
                <TextInput
                  label={t('evidence.premises')}
                  required
                  error={error}
                  value={typed}
                  onChange={(event) => setTyped(event.currentTarget.value)}
                  onBlur={() => typed.trim() !== premisesId && change({ premisesId: typed.trim() })}
                />
              )}
            </Field>
            <Field member="reason">
              {(error) => (
                <Textarea
                  label={t('form.reason')}
                  description={t('form.reason_hint')}
                  required
                  error={error}
                  maxLength={CONSOLE_LIMITS.reasonLengthMax}
                  autosize
                  minRows={2}
                  value={reason}
                  onChange={(event) => setReason(event.currentTarget.value)}
                />
              )}
            </Field>
          </FieldFaults>
          {make.isError && <ProblemNotice error={make.error} />}
          {make.isSuccess && (
            <Alert color="green" variant="light" role="status">
              {t('evidence.done', { name: make.data })}
            </Alert>
          )}
          <div>
            <Button type="submit" loading={make.isPending}>
              {t(make.isPending ? 'evidence.making' : 'evidence.make')}
            </Button>
          </div>
        </Stack>
      </Paper>
    </>
  );
}
