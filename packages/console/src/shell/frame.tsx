import { useEffect, useRef } from 'react';
import { AppShell, Burger, Center, Group, Loader, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useLocation } from 'react-router';
import type { CurrentSession } from '@tax-control/protocol/console';
import { SessionProvider, useSessionQuery } from '../api/session.js';
import { useLanguage } from '../i18n/language.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { AccountMenu } from './account-menu.js';
import { ChoosePassword } from './choose-password.js';
import { Navigation } from './navigation.js';
import { LanguageChoice, SchemeChoice } from './preferences.js';
import { SignInPage } from './sign-in.js';
import { usePrintLight } from './print-light.js';

const HEADER_HEIGHT = 52;
const NAVIGATION_WIDTH = 216;

/** What stands around every page. Who is not signed in sees the sign-in at whatever address, and goes on there. */
export function Frame() {
  const session = useSessionQuery();
  const { t } = useLanguage();
  usePrintLight();
  if (session.isPending)
    return (
      <Center h="100vh">
        <Loader aria-label={t('table.loading')} />
      </Center>
    );
  if (session.isError)
    return (
      <Center component="main" h="100vh" p="md">
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </Center>
    );
  if (session.data === null) return <SignInPage />;
  return (
    <SessionProvider session={session.data}>
      {session.data.passwordChangeRequired ? <ChoosePassword /> : <SignedIn session={session.data} />}
    </SessionProvider>
  );
}

function SignedIn({ session }: { readonly session: CurrentSession }) {
  const { t } = useLanguage();
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  useFocusOnPage(pathname);
  return (
    <AppShell
      header={{ height: HEADER_HEIGHT }}
      navbar={{ width: NAVIGATION_WIDTH, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <AppShell.Header className="no-print">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={t(opened ? 'nav.close' : 'nav.open')}
            />
            <Text component={Link} to="/" fw={700} className="brand" aria-label={t('app.name')}>
              <span className="narrow-hidden">{t('app.name')}</span>
            </Text>
            {session.environment === 'test' && <span className="environment">{t('app.environment.test')}</span>}
          </Group>
          <Group gap={4} wrap="nowrap">
            <LanguageChoice />
            <SchemeChoice />
            <AccountMenu session={session} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className="no-print" aria-label={t('nav.label')}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

/** A screen reader begins at the new page's heading; nobody is moved when the console opens. */
function useFocusOnPage(pathname: string): void {
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    document.querySelector<HTMLElement>('#content')?.focus({ preventScroll: true });
    globalThis.scrollTo(0, 0);
  }, [pathname]);
}
