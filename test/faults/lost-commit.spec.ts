import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknown } from '../../src/database/transaction.js';
import { type Office, openOffice, receiptOf, type Till } from '../issuance/office.js';
import { makeGround, type TestGround } from '../support/server.js';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.js';

let ground: TestGround;
let proxy: PostgresProxy;
let office: Office;
let till: Till;

beforeAll(async () => {
  ground = await makeGround();
  proxy = await startPostgresProxy(ground.database.serverUrl);
  office = await openOffice({ ground, poolUrl: proxy.url });
});

afterAll(async () => {
  await office.close();
  await proxy.close();
  await ground.clear();
});

beforeEach(async () => {
  till = await office.till();
});

async function countOnFile(): Promise<number> {
  const { rows } = await ground.superuser.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM ledger JOIN content USING (sequence) WHERE terminal_id = $1',
    [till.terminalId],
  );
  return rows[0]!.count;
}

describe('a COMMIT of which the server hears nothing', () => {
  it('is unknown to it though it happened, and the resend gets the receipt that was committed', async () => {
    const list = [await till.sale(), await till.sale()];
    const before = proxy.faults;
    proxy.arm('lose_answer');
    await expect(office.issuance.issue(list)).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(proxy.faults).toBe(before + 1);
    await expect.poll(countOnFile).toBe(2);
    const outcomes = await office.issuance.issue(list);
    expect(outcomes.map(({ result }) => result.result)).toEqual(['already_issued', 'already_issued']);
    const again = await office.issuance.issue(list);
    expect(again.map(({ result }) => receiptOf(result))).toEqual(outcomes.map(({ result }) => receiptOf(result)));
    expect(await countOnFile()).toBe(2);
  });

  it('is unknown to it though it never happened, and the resend is issued', async () => {
    const sale = await till.sale();
    const before = proxy.faults;
    proxy.arm('lose_request');
    await expect(office.issuance.issue([sale])).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(proxy.faults).toBe(before + 1);
    expect(await countOnFile()).toBe(0);
    const [outcome] = await office.issuance.issue([sale]);
    expect(outcome!.result.result).toBe('issued');
    expect(await countOnFile()).toBe(1);
  });
});
