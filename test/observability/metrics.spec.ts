import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { project } from '../documents/pages.js';
import { publishParameters, Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';
import { metricNamesIn, type Scrape, scrape } from './scrape.js';

const DAY_SECONDS = 86_400;

let ground: TestGround;
let server: TestServer;
let till: Till;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground);
  server = await startTestServer({ ground });
  till = new Till(await makeTerminal(server), new TerminalDirectory(server.superuser));
  // Before anybody looks, because what the database is asked is kept for a minute.
  await issue(till.sign().jws);
});

afterAll(async () => {
  await server.stop();
  await ground.clear();
});

const issue = (invoice: string) => call(server, '/v1/invoices', { terminal: till.terminal, body: { invoice } });

/** How much a series grew while something was done. */
async function growth(work: () => Promise<void>): Promise<(series: string) => number> {
  const before = await scrape(server);
  await work();
  const after = await scrape(server);
  return (series) => after.value(series) - (before.find(series) ?? 0);
}

describe('what the metrics tell', () => {
  it('is what became of invoices, by door, result and cause', async () => {
    const grew = await growth(async () => {
      const { jws } = till.sign();
      await issue(jws);
      await issue(jws);
      await issue('rubbish');
      await issue(till.sign({ total: 1 }).jws);
      const invoices = [till.sign().jws, till.sign({ counter: till.counter }).jws, jws];
      await call(server, '/v1/reissues', { terminal: till.terminal, body: { invoices } });
    });
    const result = (door: string, result: string, cause = 'none') =>
      grew(`tax_control_invoices_total{door="${door}",result="${result}",cause="${cause}"}`);
    expect(result('issue', 'issued')).toBe(1);
    expect(result('issue', 'already_issued')).toBe(1);
    expect(result('issue', 'refused', 'jws_malformed')).toBe(1);
    expect(result('issue', 'refused', 'total_arithmetic')).toBe(1);
    expect(result('issue', 'failed', 'server_busy')).toBe(0);
    expect(result('reissue', 'issued')).toBe(2);
    expect(result('reissue', 'already_issued')).toBe(1);
    expect(grew('tax_control_warnings_total{warning="counter_fork"}')).toBe(1);
    // Two at the online door, and one list of three.
    expect(grew('tax_control_commit_invoices_count')).toBe(3);
    expect(grew('tax_control_commit_invoices_sum')).toBe(5);
    expect(grew('tax_control_commit_duration_seconds_bucket{le="+Inf"}')).toBe(3);
  });

  it('is what became of requests, by listener, route, result and cause; an address that leads nowhere is one series', async () => {
    const grew = await growth(async () => {
      await issue(till.sign().jws);
      await issue('rubbish');
      await call(server, '/v1/echo', { terminal: till.terminal, body: { nonce: randomUUID() } });
      await call(server, `/v1/invoices/${randomUUID()}`, { terminal: till.terminal });
      for (let index = 0; index < 3; index += 1) await call(server, `/${randomUUID()}`, { listener: 'public' });
    });
    const requests = (listener: string, route: string, result: string, cause = 'none') =>
      grew(
        `tax_control_http_requests_total{listener="${listener}",route="${route}",result="${result}",cause="${cause}"}`,
      );
    expect(requests('terminals', '/v1/invoices', 'answered')).toBe(1);
    expect(requests('terminals', '/v1/invoices', 'refused', 'jws_malformed')).toBe(1);
    expect(requests('terminals', '/v1/echo', 'answered')).toBe(1);
    expect(requests('terminals', '/v1/invoices/:id', 'refused', 'invoice_unknown')).toBe(1);
    expect(requests('public', 'unknown', 'refused', 'not_found')).toBe(3);
    expect(grew('tax_control_http_request_duration_seconds_count{listener="terminals",route="/v1/invoices"}')).toBe(2);
  });

  it('is what only the database knows', async () => {
    const told = await scrape(server);
    const numbers = told.value('tax_control_sequence_numbers');
    expect(numbers).toBe(100_000_000_000);
    expect(told.value('tax_control_sequence_numbers_left')).toBe(numbers - 1);
    expect(told.value('tax_control_backlog_invoices')).toBe(0);
    expect(told.value('tax_control_terminals{status="active"}')).toBe(1);
    // The till of this spec has a certificate of one day.
    expect(told.value('tax_control_terminal_certificates_ending{within="7d"}')).toBe(1);
    expect(told.value('tax_control_roll_up_lag_seconds')).toBeGreaterThanOrEqual(0);
    for (const figure of ['sequence', 'backlog', 'terminals', 'roll_up'])
      expect(told.value(`tax_control_figure_known{figure="${figure}"}`)).toBe(1);
  });

  it('is how long certificates last, whether the server is ready, and what it is', async () => {
    const told = await scrape(server);
    for (const certificate of ['authority', 'signing_certificate', 'terminal_listener', 'public_listener']) {
      const ends = told.value(`tax_control_certificate_expiry_timestamp_seconds{certificate="${certificate}"}`);
      const daysLeft = (ends - Date.now() / 1_000) / DAY_SECONDS;
      expect(daysLeft).toBeGreaterThan(certificate === 'terminal_listener' ? 40 : 300);
    }
    for (const check of ['listeners', 'database', 'keys'])
      expect(told.value(`tax_control_ready{check="${check}"}`)).toBe(1);
    expect(told.value('tax_control_keys_refused')).toBe(0);
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
    expect(told.value(`tax_control_build_info{version="${version}",node="${process.version}"}`)).toBe(1);
    expect(told.value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(told.find('nodejs_eventloop_lag_p99_seconds')).toBeDefined();
  });

  it('is on the operator port alone, and names no terminal', async () => {
    for (const listener of ['terminals', 'public'] as const)
      expect((await call(server, '/metrics', { listener, terminal: till.terminal })).status).toBe(404);
    expect((await scrape(server)).text).not.toContain(till.terminalId);
  });
});

describe('what reads the metrics', () => {
  let told: Scrape;
  beforeAll(async () => {
    told = await scrape(server);
  });

  it.each(['docker/grafana/tax-control.json', 'docker/prometheus/alerts.yml'])(
    '%s names metrics that the server tells, and no others',
    (file) => {
      const named = metricNamesIn(readFileSync(join(project, file), 'utf8'));
      expect(named.size).toBeGreaterThan(10);
      expect([...named].filter((name) => !told.names.has(name))).toEqual([]);
    },
  );

  it('the dashboard shows every metric of ours', () => {
    const shown = metricNamesIn(readFileSync(join(project, 'docker/grafana/tax-control.json'), 'utf8'));
    const ours = [...told.names].filter(
      (name) => name.startsWith('tax_control_') && !/_(bucket|sum|count)$/.test(name),
    );
    const isShown = (name: string) => [name, `${name}_bucket`, `${name}_sum`].some((one) => shown.has(one));
    expect(ours.filter((name) => !isShown(name))).toEqual([]);
  });
});
