import { createBrowserRouter, type RouteObject } from 'react-router';
import { Frame } from './shell/frame.js';
import { NotFound, PageFailed } from './shell/failed.js';

/** The part of the address that is the console's. */
const BASE = '/console';

/** Each page is fetched when it is first opened; the key is its address. */
const PAGES = {
  overview: () => import('./pages/overview/overview.js'),
  failures: () => import('./pages/failures/failures.js'),
  incidents: () => import('./pages/incidents/incidents.js'),
  'incidents/:incidentId': () => import('./pages/incidents/incident.js'),
  terminals: () => import('./pages/terminals/terminals.js'),
  'terminals/:terminalId': () => import('./pages/terminals/terminal.js'),
  invoices: () => import('./pages/invoices/invoices.js'),
  'invoices/:terminalId/:invoiceId': () => import('./pages/invoices/invoice.js'),
  missing: () => import('./pages/missing/missing.js'),
  signals: () => import('./pages/signals/signals.js'),
  reports: () => import('./pages/customer-reports/customer-reports.js'),
  evidence: () => import('./pages/evidence/evidence.js'),
  journals: () => import('./pages/journals/journals.js'),
  'journals/:handedId': () => import('./pages/journals/journal.js'),
  'audit-trail': () => import('./pages/audit-trail/audit-trail.js'),
  sessions: () => import('./pages/sessions/sessions.js'),
  registry: () => import('./pages/registry/registry.js'),
  parameters: () => import('./pages/parameters/parameters.js'),
  'tax-rates': () => import('./pages/tax-rates/tax-rates.js'),
  officials: () => import('./pages/officials/officials.js'),
};

const pages = Object.entries(PAGES).map(([path, load]): RouteObject => ({
  path,
  lazy: async () => ({ Component: (await load()).default }),
  errorElement: <PageFailed />,
}));

export function makeRouter() {
  const children: RouteObject[] = [
    { index: true, lazy: async () => ({ Component: (await PAGES.overview()).default }), errorElement: <PageFailed /> },
    ...pages,
    { path: '*', element: <NotFound /> },
  ];
  const frame: RouteObject = {
    element: <Frame />,
    errorElement: <PageFailed />,
    hydrateFallbackElement: <span />,
    children,
  };
  return createBrowserRouter([frame], { basename: BASE });
}
