import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SaleIssued, SaleStoredOffline } from '../api.js';
import { systemClock } from '@tax-control/protocol';
import { StandInServer } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
/** An offset is off by half of the round trip at most, which lasts seconds on a busy machine. */
const ROUND_TRIP_MS = 30_000;

let bench: TillBench;
let aheadMs: number;
const clock = { ...systemClock, now: () => Date.now() + aheadMs };
beforeEach(async () => {
  aheadMs = 0;
  bench = await TillBench.set();
});
afterEach(() => bench.end());

describe('a till whose clock is wrong', () => {
  it.each([
    ['1970', () => Date.UTC(1970, 6) - Date.now()],
    ['2100', () => Date.UTC(2100, 6) - Date.now()],
  ])('sells in %s as well, measures its clock, and writes the offset into invoices', async (year, ahead) => {
    aheadMs = ahead();
    const till = await bench.openTill({ clock, pace: { drainMs: 5 } });
    while (till.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    const sale = (await till.issue('sale 1', draft('R-1'))) as SaleIssued;
    expect(sale).toMatchObject({ result: 'issued' });
    const { issuedAt, businessDay, clockOffsetMs, clockOffsetAgeSeconds } = sale.invoice;
    expect(issuedAt.slice(0, 4)).toBe(year);
    expect(businessDay).toBe(issuedAt.slice(0, 10));
    expect(Math.abs((clockOffsetMs ?? 0) - aheadMs)).toBeLessThan(ROUND_TRIP_MS);
    expect(clockOffsetAgeSeconds).toBeLessThan(60);
  });

  it('keeps the measurement over a restart, with its age', async () => {
    aheadMs = 300_000;
    const till = await bench.openTill({ clock, pace: { drainMs: 5 } });
    while (till.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    await till.close();
    bench.server.fault = () => ({ kind: 'reset' });
    aheadMs += 60_000;
    const reopened = await bench.openTill({ clock });
    const sale = (await reopened.issue('sale 1', draft('R-1'))) as SaleStoredOffline;
    expect(Math.abs(sale.invoice.clockOffsetMs! - 300_000)).toBeLessThan(ROUND_TRIP_MS);
    expect(sale.invoice.clockOffsetAgeSeconds).toBeGreaterThanOrEqual(60);
  });

  it('forgets the measurement when somebody sets the clock, and measures again', async () => {
    aheadMs = 86_400_000;
    const till = await bench.openTill({ clock, pace: { drainMs: 5, idleMs: 5 } });
    while (till.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    aheadMs = 0;
    expect(till.status().clockOffsetMs).toBeNull();
    while (till.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    expect(Math.abs(till.status().clockOffsetMs!)).toBeLessThan(ROUND_TRIP_MS);
  });

  it('has no offset before it was ever measured', async () => {
    const till = await bench.openTill({ clock });
    const sale = (await till.issue('sale 1', draft('R-1'))) as SaleIssued;
    expect(sale.invoice).toMatchObject({ clockOffsetMs: null, clockOffsetAgeSeconds: null });
  });
});

describe('a server’s certificate that is wrong by its dates alone', () => {
  /** A server at the same address whose certificate is valid at another time, and whose clock says so too. */
  async function serverInTime(shiftMs: number): Promise<StandInServer> {
    const { port, office } = bench.server;
    await bench.server.stop();
    const serverLife = {
      notBefore: new Date(Date.now() + shiftMs - DAY_MS),
      notAfter: new Date(Date.now() + shiftMs + DAY_MS),
    };
    const server = await StandInServer.start({ authority: bench.authority, office, port, serverLife });
    office.clockAheadMs = shiftMs;
    bench.onEnd(() => server.stop());
    return server;
  }

  it.each([
    ['years behind', 5 * YEAR_MS],
    ['years ahead', -5 * YEAR_MS],
  ])('the till is %s: only the echo is sent, and the MIS is told to set the clock', async (_, shiftMs) => {
    const server = await serverInTime(shiftMs);
    const till = await bench.openTill({ pace: { probeMs: 10, probeMsMax: 10 } });
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'stored_offline',
      cause: 'tls_certificate_dates',
    });
    while (till.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    expect(Math.abs(till.status().clockOffsetMs! + shiftMs)).toBeLessThan(ROUND_TRIP_MS);
    const second = await till.issue('sale 2', draft('R-2'));
    expect(second).toMatchObject({
      result: 'stored_offline',
      cause: 'clock_wrong',
      detail: expect.stringContaining('Set the date and time') as string,
    });
    expect(new Set(server.paths(true))).toEqual(new Set(['/v1/echo']));
    expect(till.status().waiting).toBe(2);
  });

  it('an impostor’s certificate with wrong dates hears nothing', async () => {
    const { port } = bench.server;
    await bench.server.stop();
    const other = await TillBench.set();
    bench.onEnd(() => other.end());
    const serverLife = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
    const impostor = await StandInServer.start({ authority: other.authority, port, serverLife });
    bench.onEnd(() => impostor.stop());
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    await till.drain();
    expect(impostor.connections).toBeGreaterThan(1);
    expect(impostor.requests).toEqual([]);
    expect(till.status().clockOffsetMs).toBeNull();
  });
});
