import { parseCode, parseCompactJws, verifyCompactJws } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jwsOf } from '../../src/issuance/authentic-invoice.js';
import { type Office, openOffice, receiptOf } from './office.js';

let office: Office;

beforeAll(async () => {
  office = await openOffice();
});

afterAll(() => office.close());

describe('issuing a list', () => {
  it('gives each its code, in order, with a receipt that the trusted key verifies', async () => {
    const [one, two] = [await office.till(), await office.till()];
    const list = [await one.sale(), await two.sale(), await one.sale()];
    const outcomes = await office.issuance.issue(list);
    expect(outcomes.map(({ result }) => result.result)).toEqual(['issued', 'issued', 'issued']);
    expect(outcomes.map(({ lastCounter }) => lastCounter)).toEqual([2, 1, 2]);
    const [jwk] = office.keys.trustedKeys();
    const key = createPublicKey({ key: { ...jwk! }, format: 'jwk' });
    for (const [index, { result }] of outcomes.entries()) {
      const { invoice, digest, arrival } = list[index]!;
      const jws = parseCompactJws(result.result === 'issued' ? result.receipt : '')!;
      expect(jws.header).toEqual({ alg: 'ES256', typ: 'receipt+jws', kid: jwk!.kid });
      expect(verifyCompactJws(jws, key)).toBe(true);
      const receipt = receiptOf(result);
      expect(receipt).toMatchObject({
        environment: 'test',
        invoiceId: invoice.id,
        terminalId: invoice.terminalId,
        counter: invoice.counter,
        total: invoice.total,
        invoiceDigest: digest.toString('base64url'),
        door: arrival.door,
      });
      expect(parseCode(receipt.code)).toMatchObject({ environment: 'test' });
    }
    expect(new Set(outcomes.map(({ result }) => receiptOf(result).code)).size).toBe(3);
  });

  it('gives the very same receipt again, also rebuilt from the row by another process', async () => {
    const till = await office.till();
    const sale = await till.sale({ issuedAt: '2026-11-22T18:05:00.987+01:00', number: 'Ж-12 "quoted" \\ 发票' });
    const [first] = await office.issuance.issue([sale]);
    const [again] = await office.issuance.issue([await till.arrive(jwsOf(sale), 'reissue')]);
    expect(again!.result).toEqual({ ...first!.result, result: 'already_issued' });
    expect(again!.lastCounter).toBe(1);
    expect(receiptOf(again!.result)).toMatchObject({ issuedAt: '2026-11-22T17:05:00Z', door: 'issue' });
  });

  it('refuses the same identity with other content, and keeps what it refused', async () => {
    const till = await office.till();
    const { invoice, jws } = till.sign();
    await office.issuance.issue([await till.arrive(jws)]);
    const forged = till.sign({ id: invoice.id, counter: 1, previousDigest: null, number: 'other' });
    const [outcome] = await office.issuance.issue([await till.arrive(forged.jws)]);
    expect(outcome!.result).toMatchObject({ result: 'refused', problem: { code: 'identity_conflict' } });
    const { rows } = await office.ground.superuser.query(
      'SELECT cause, body, invoice_id, counter, digest = sha256(body) AS fits FROM refused_invoice WHERE terminal_id = $1',
      [till.terminalId],
    );
    expect(rows).toEqual([
      { cause: 'identity_conflict', body: Buffer.from(forged.jws), invoice_id: invoice.id, counter: '1', fits: true },
    ]);
  });

  it('settles twins within one list: the same bytes once, other bytes refused', async () => {
    const till = await office.till();
    const { invoice, jws } = till.sign();
    const other = till.sign({ id: invoice.id, counter: 1, previousDigest: null, number: 'other' });
    const list = [await till.arrive(jws), await till.arrive(other.jws), await till.arrive(jws)];
    const outcomes = await office.issuance.issue(list);
    expect(outcomes.map(({ result }) => result.result)).toEqual(['issued', 'refused', 'already_issued']);
    expect(receiptOf(outcomes[2]!.result)).toEqual(receiptOf(outcomes[0]!.result));
  });

  it('stores the bytes so that the signed text can be made again', async () => {
    const till = await office.till();
    const sale = await till.sale();
    const next = await till.sale();
    const [, outcome] = await office.issuance.issue([sale, next]);
    const { sequence } = parseCode(receiptOf(outcome!.result).code)!;
    const { rows } = await office.ground.superuser.query('SELECT * FROM content WHERE sequence = $1', [sequence]);
    expect(rows[0]).toMatchObject({
      payload: next.payload,
      signature: next.signature,
      signer: till.terminal.thumbprint,
      header: null,
      previous_digest: sale.digest,
      attempt_id: next.arrival.attemptId,
      registered_at: new Date(receiptOf(outcome!.result).registeredAt),
    });
  });

  it('writes tax by rate beside the ledger, once for each fiscal invoice', async () => {
    const till = await office.till();
    const { taxes } = makeInvoice();
    const plain = till.sign({ taxes: taxes.map((tax) => ({ ...tax, rate: `${tax.rate}.00` })) });
    const training = till.sign({ type: 'training' });
    const list = [await till.arrive(plain.jws), await till.arrive(training.jws), await till.arrive(plain.jws)];
    await office.issuance.issue(list);
    await office.issuance.issue([await till.arrive(plain.jws)]);
    const { rows } = await office.ground.superuser.query(
      `SELECT invoice_id, category, rate, base::int, amount::int
       FROM ledger_tax JOIN ledger USING (sequence) WHERE terminal_id = $1 ORDER BY category`,
      [till.terminal.terminalId],
    );
    expect(rows.length).toBeGreaterThan(0);
    const expected = taxes.map(({ category, rate, base, amount }) => ({ category, rate, base, amount }));
    expect(rows).toEqual(
      expected
        .map((tax) => ({ invoice_id: plain.invoice.id, ...tax }))
        .sort((one, other) => (one.category < other.category ? -1 : 1)),
    );
  });

  it('takes a hundred lines of SQL in every text for what they are: texts', async () => {
    const till = await office.till();
    const attack = `'); DROP TABLE ledger; --{"\\}$1`;
    const sale = await till.sale({
      number: attack,
      cashier: attack,
      software: { name: attack, version: attack },
      buyer: { name: attack, taxId: attack, address: attack },
    });
    const [outcome] = await office.issuance.issue([sale]);
    expect(receiptOf(outcome!.result).number).toBe(attack);
    const [again] = await office.issuance.issue([sale]);
    expect(receiptOf(again!.result)).toEqual(receiptOf(outcome!.result));
  });

  it('answers an empty list with nothing', async () => {
    expect(await office.issuance.issue([])).toEqual([]);
  });
});
