import { describe, expect, it } from 'vitest';
import { countOutcomes, type Evidence, type FinalEntry, type FirstAnswer } from './count-outcomes.js';

function answer(invoiceId: string, result: FirstAnswer['result']): FirstAnswer {
  return { saleId: `sale-${invoiceId}`, terminalId: 'till-1', invoiceId, result };
}
function entry(invoiceId: string, code: string | null, door: string | null, state = 'issued'): FinalEntry {
  return { terminalId: 'till-1', invoiceId, code, door, state };
}

/** One of each: online, drained later, answer lost, refused. */
const EVIDENCE: Evidence = {
  answers: [
    answer('a', 'issued'),
    answer('b', 'stored_offline'),
    answer('c', 'stored_offline'),
    answer('d', 'refused'),
  ],
  journals: [
    entry('a', '1', 'issue'),
    entry('b', '2', 'reissue'),
    entry('c', '3', 'issue'),
    entry('d', null, null, 'refused'),
  ],
  alreadyIssued: [{ invoiceId: 'c' }, { invoiceId: 'c' }],
  onFile: new Set(['till-1/a', 'till-1/b', 'till-1/c']),
};

describe('countOutcomes', () => {
  it('counts every outcome once', () => {
    expect(countOutcomes(EVIDENCE)).toStrictEqual({
      issuedOnline: 1,
      storedOffline: 2,
      reissued: 1,
      alreadyIssued: 1,
      refused: 1,
      distinctCodes: 3,
      duplicateCodes: 0,
      lost: 0,
    });
  });

  it('finds a code that two invoices have', () => {
    const journals = [...EVIDENCE.journals, entry('e', '3', 'issue')];
    expect(countOutcomes({ ...EVIDENCE, journals })).toMatchObject({ distinctCodes: 3, duplicateCodes: 1 });
  });

  it('finds an accepted sale that is nowhere', () => {
    expect(countOutcomes({ ...EVIDENCE, onFile: new Set(['till-1/a']) }).lost).toBe(2);
    expect(countOutcomes({ ...EVIDENCE, journals: [] }).lost).toBe(1);
  });

  it('does not take the invoice of another till for it', () => {
    const onFile = new Set(['till-2/a', 'till-1/b', 'till-1/c']);
    expect(countOutcomes({ ...EVIDENCE, onFile }).lost).toBe(1);
  });
});
