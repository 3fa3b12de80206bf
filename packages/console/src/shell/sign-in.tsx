import { type FormEvent, useState } from 'react';
import { Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useSessionActions } from '../api/session.js';
import { useLanguage } from '../i18n/language.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { useDocumentTitle } from '../parts/page-head.js';
import { LanguageChoice, SchemeChoice } from './preferences.js';

export function SignInPage() {
  const { t } = useLanguage();
  const { signIn } = useSessionActions();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useMutation({ mutationFn: signIn, onError: () => setPassword('') });
  useDocumentTitle(t('sign_in.title'));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate({ name, password });
  };
  return (
    <Center component="main" mih="100vh" p="md" className="sign-in">
      <Stack w={360} maw="100%" gap="sm">
        <Group justify="space-between">
          <Text fw={700} className="brand">
            {t('app.name')}
          </Text>
          <Group gap={4}>
            <LanguageChoice />
            <SchemeChoice />
          </Group>
        </Group>
        <Paper withBorder p="lg" component="form" onSubmit={submit}>
          <Stack gap="md">
            <div>
              <Title order={1}>{t('sign_in.title')}</Title>
              <Text size="sm" c="dimmed">
                {t('sign_in.lead')}
              </Text>
            </div>
            <TextInput
              label={t('sign_in.name')}
              name="name"
              autoComplete="username"
              autoCapitalize="none"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PasswordInput
              label={t('sign_in.password')}
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {attempt.isError && <ProblemNotice error={attempt.error} />}
            <Button type="submit" loading={attempt.isPending}>
              {t('sign_in.submit')}
            </Button>
          </Stack>
        </Paper>
      </Stack>
    </Center>
  );
}
