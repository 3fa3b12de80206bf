import { describe, expect, it } from 'vitest';
import { signInvoice } from './invoice/sign-invoice.js';
import { LIMITS } from './limits.js';
import { makeInvoiceOfLines, makeSigner } from './testing/index.js';

/** Bytes of JSON around the invoices of a request: names, quotes, commas. */
const ENVELOPE_BYTES_MAX = 10_000;
/** Bytes of one result at the late door: a receipt of 1 KB and its warnings. */
const RESULT_BYTES = 2_000;

describe('limits', () => {
  it('let an invoice of the most lines through every door', () => {
    const { privateKey, thumbprint } = makeSigner();
    const { jws } = signInvoice(makeInvoiceOfLines(LIMITS.invoiceLinesMax), privateKey, thumbprint);
    expect(jws.length).toBeLessThan(LIMITS.invoiceBytesMax);
  });

  it('fit each other: a chunk that the largest invoice closes is still one request, and its answer one answer', () => {
    const chunk = LIMITS.reissueChunkBytesMax + LIMITS.invoiceBytesMax + ENVELOPE_BYTES_MAX;
    expect(chunk).toBeLessThan(LIMITS.requestBytesMax);
    expect(LIMITS.thresholdMax * RESULT_BYTES).toBeLessThan(LIMITS.answerBytesMax);
    expect(LIMITS.reissueChunkInvoicesMax).toBeLessThanOrEqual(LIMITS.thresholdMax);
  });
});
