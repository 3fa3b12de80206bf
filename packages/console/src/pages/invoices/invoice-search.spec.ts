import { describe, expect, it } from 'vitest';
import { bodyOf } from './invoice-search.js';

const period = { from: 'a', to: 'b', zone: 'UTC', step: 'day' } as const;
const read = (text: string) => bodyOf(new URLSearchParams(text), period);

describe('what an address looks for', () => {
  it('is a code without its spaces, and then no period', () =>
    expect(read('code=1234 5678')).toEqual({ ok: true, body: { code: '12345678' } }));

  it('is anything else within the period', () =>
    expect(read('number=A-1&totalFrom=12.5&currency=CNY&kind=refund')).toEqual({
      ok: true,
      body: { number: 'A-1', totalFrom: 1_250, currency: 'CNY', kind: 'refund', from: 'a', to: 'b' },
    }));

  it('is nothing, or no amount', () => {
    expect(read('kind=x&page=2')).toEqual({ ok: false, fault: 'nothing' });
    expect(read('totalTo=lots')).toEqual({ ok: false, fault: 'amount' });
  });
});
