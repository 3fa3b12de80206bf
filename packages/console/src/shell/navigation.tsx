import { NavLink as Item, ScrollArea, Text } from '@mantine/core';
import { NavLink, useLocation } from 'react-router';
import type { OfficialRole } from '@tax-control/protocol/console';
import { useMay } from '../api/session.js';
import { useClock } from '../clock.js';
import type { TextKey } from '../i18n/dictionaries.js';
import { useLanguage } from '../i18n/language.js';
import { readPeriod } from '../url/period.js';

interface Entry {
  readonly path: string;
  readonly text: TextKey;
  readonly role?: OfficialRole;
  /** The page is a report, so period and zone go along from page to page. */
  readonly report?: boolean;
}

const GROUPS: readonly { readonly text: TextKey; readonly entries: readonly Entry[] }[] = [
  {
    text: 'nav.reports',
    entries: [
      { path: '/overview', text: 'nav.overview', report: true },
      { path: '/failures', text: 'nav.failures', report: true },
      { path: '/incidents', text: 'nav.incidents', report: true },
      { path: '/missing', text: 'nav.missing' },
      { path: '/signals', text: 'nav.signals' },
      { path: '/reports', text: 'nav.customer_reports' },
    ],
  },
  {
    text: 'nav.lookup',
    entries: [
      { path: '/terminals', text: 'nav.terminals' },
      { path: '/invoices', text: 'nav.invoices' },
      { path: '/evidence', text: 'nav.evidence' },
      { path: '/journals', text: 'nav.journals' },
    ],
  },
  {
    text: 'nav.administration',
    entries: [
      { path: '/registry', text: 'nav.registry' },
      { path: '/parameters', text: 'nav.parameters' },
      { path: '/tax-rates', text: 'nav.tax_rates' },
      { path: '/officials', text: 'nav.officials', role: 'administrator' },
      { path: '/audit-trail', text: 'nav.audit_trail', role: 'supervisor' },
      { path: '/sessions', text: 'nav.sessions' },
    ],
  },
];

/** The members of the address that go along from report to report. */
const KEPT = ['period', 'from', 'to', 'zone', 'region', 'taxpayerId', 'premisesId', 'terminalId'] as const;

function keptOf(search: string, now: Date): string {
  const present = new URLSearchParams(search);
  const kept = new URLSearchParams();
  for (const name of KEPT) for (const value of present.getAll(name)) kept.append(name, value);
  const faulty = readPeriod(kept, now).fault !== null;
  return faulty || kept.size === 0 ? '' : `?${kept.toString()}`;
}

/** The list of pages; what the account may not open is not in it. */
export function Navigation() {
  const { t } = useLanguage();
  const { pathname, search } = useLocation();
  const may = useMay();
  const clock = useClock();
  return (
    <ScrollArea type="auto">
      {GROUPS.map(({ text, entries }) => {
        const allowed = entries.filter(({ role = 'official' }) => may(role));
        return (
          <div key={text} role="group" aria-label={t(text)} className="navigation-group">
            <Text size="xs" c="dimmed" px="sm" py={4} aria-hidden>
              {t(text)}
            </Text>
            {allowed.map((entry) => (
              <Item
                key={entry.path}
                component={NavLink}
                to={{
                  pathname: entry.path,
                  search: entry.report === true ? keptOf(search, new Date(clock.now())) : '',
                }}
                label={t(entry.text)}
                active={pathname.startsWith(entry.path) || (pathname === '/' && entry.path === '/overview')}
                py={6}
              />
            ))}
          </div>
        );
      })}
    </ScrollArea>
  );
}
