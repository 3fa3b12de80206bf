import { describe, expect, it } from 'vitest';
import { LOOK_UPS, type Subject } from './look-ups.js';

const SUBJECT: Subject = {
  code: '90000000123400000012',
  terminal_id: 'till-1',
  invoice_id: '01980000-0000-7000-8000-000000000001',
  journal_id: '01980000-0000-7000-8000-000000000002',
  number: 'R-17',
  issued_at: new Date('2026-11-20T23:59:59Z'),
};

describe.each(Object.entries(LOOK_UPS))('look-up %s', (_name, lookUp) => {
  it('asks for what only this invoice has', () => {
    const asked = JSON.stringify(lookUp.ask(SUBJECT));
    const { code, invoice_id: invoiceId, journal_id: journalId, number, terminal_id: terminalId } = SUBJECT;
    expect([code, invoiceId, journalId, number, `"terminalId":"${terminalId}"`].some((of) => asked.includes(of))).toBe(
      true,
    );
  });
});

it('asks for whole days, the day of sale among them', () => {
  const { body } = LOOK_UPS['searchByTerminalAndDay']!.ask(SUBJECT) as unknown as { body: object };
  expect(body).toMatchObject({ from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' });
});
