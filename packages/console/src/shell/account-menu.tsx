import { Button, Menu, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { CurrentSession, OfficialView } from '@tax-control/protocol/console';
import { useSessionActions } from '../api/session.js';
import { type Language, useLanguage } from '../i18n/language.js';
import { PersonIcon } from '../parts/icons.js';

/** What an official may see, in words. */
export function viewInWords(view: OfficialView, { t }: Language): string {
  if (view.kind === 'regions') return t('account.sees.regions', { list: view.regions.join(', ') });
  if (view.kind === 'taxpayers') return t('account.sees.taxpayers', { list: view.taxpayerIds.join(', ') });
  return t('account.sees.all');
}

export function AccountMenu({ session }: { readonly session: CurrentSession }) {
  const language = useLanguage();
  const { t } = language;
  const { signOut } = useSessionActions();
  const end = useMutation({ mutationFn: signOut });
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          className="quiet account"
          aria-label={t('account.menu', { name: session.fullName })}
          leftSection={<PersonIcon />}
        >
          <span className="narrow-hidden">{session.fullName}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" component="span" c="var(--mantine-color-text)">
            {session.fullName} ({session.name})
          </Text>
          <br />
          {viewInWords(session.view, language)}
        </Menu.Label>
        <Menu.Item component={Link} to="/sessions">
          {t('nav.sessions')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => end.mutate()}>{t('account.sign_out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
