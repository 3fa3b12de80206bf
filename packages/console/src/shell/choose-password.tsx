import { type FormEvent, useState } from 'react';
import { Button, Center, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useSession, useSessionActions } from '../api/session.js';
import { useLanguage } from '../i18n/language.js';
import { useDocumentTitle } from '../parts/page-head.js';
import { Field, FieldFaults } from '../parts/field-faults.js';
import { ProblemNotice } from '../parts/problem-notice.js';

/** Whoever signed in with a temporary password chooses one of their own first. */
export function ChoosePassword() {
  const { t } = useLanguage();
  const { name } = useSession();
  const { changePassword, signOut } = useSessionActions();
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({ mutationFn: changePassword });
  const leave = useMutation({ mutationFn: signOut });
  useDocumentTitle(t('password.title'));
  const differs = again !== '' && again !== next;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (next === again) change.mutate({ presentPassword: present, newPassword: next });
  };
  return (
    <Center component="main" mih="100vh" p="md" className="sign-in">
      <Paper withBorder p="lg" w={400} maw="100%" component="form" onSubmit={submit}>
        <Stack gap="md">
          <div>
            <Title order={1}>{t('password.title')}</Title>
            <Text size="sm" c="dimmed">
              {t('password.lead')}
            </Text>
          </div>
          <input type="text" name="name" autoComplete="username" value={name} readOnly hidden />
          <FieldFaults error={change.error}>
            <Field member="presentPassword">
              {(error) => (
                <PasswordInput
                  label={t('password.present')}
                  autoComplete="current-password"
                  required
                  error={error}
                  aria-invalid={error !== null}
                  value={present}
                  onChange={(event) => setPresent(event.currentTarget.value)}
                />
              )}
            </Field>
            <Field member="newPassword">
              {(error) => (
                <PasswordInput
                  label={t('password.new')}
                  description={t('password.hint')}
                  autoComplete="new-password"
                  required
                  error={error}
                  aria-invalid={error !== null}
                  value={next}
                  onChange={(event) => setNext(event.currentTarget.value)}
                />
              )}
            </Field>
          </FieldFaults>
          <PasswordInput
            label={t('password.again')}
            autoComplete="new-password"
            required
            value={again}
            error={differs ? t('password.differs') : null}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          {change.isError && <ProblemNotice error={change.error} />}
          <Group justify="space-between">
            <Button variant="default" onClick={() => leave.mutate()}>
              {t('account.sign_out')}
            </Button>
            <Button type="submit" loading={change.isPending}>
              {t('form.save')}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
