import { describe, expect, it } from 'vitest';
import { SCHEMAS } from './schemas.js';
import { tolerant } from './schema/tolerant.js';
import { validator } from './schema/validator.js';
import { makeInvoice } from './testing/index.js';

describe('published schemas', () => {
  it.each(Object.entries(SCHEMAS))('%s names itself, compiles, and is closed', (name, schema) => {
    expect(schema.$id).toBe(`urn:tax-control:schema:${name.replace('.json', '')}`);
    expect(validator(schema).accepts({})).toBe(false);
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('tolerant', () => {
  it('passes over unknown members at every depth, and only them', () => {
    const read = validator(tolerant(SCHEMAS['invoice-1.json']));
    const invoice = makeInvoice();
    const [line] = invoice.lines;
    expect(read.accepts({ ...invoice, later: 1, lines: [{ ...line, later: {} }] })).toBe(true);
    expect(read.accepts({ ...invoice, total: '1' })).toBe(false);
    expect(SCHEMAS['invoice-1.json'].additionalProperties).toBe(false);
  });
});
