import { describe, expect, it } from 'vitest';
import { sqlFailure } from './sql-failure.js';

function withCode(code: string, more: object = {}): Error {
  return Object.assign(new Error('in the words of somebody'), { code, ...more });
}

describe('sqlFailure', () => {
  it.each([
    ['08006', 'unavailable'],
    ['53300', 'unavailable'],
    ['57P01', 'unavailable'],
    ['57P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['58030', 'unavailable'],
    ['25006', 'unavailable'],
    ['28P01', 'no_session'],
    ['28000', 'no_session'],
    ['3D000', 'no_session'],
    ['08P01', 'no_session'],
    ['23505', 'conflict'],
    ['23503', 'refused_row'],
    ['23514', 'refused_row'],
    ['22P05', 'refused_row'],
    ['22003', 'refused_row'],
    ['54000', 'refused_row'],
    ['40001', 'serialization'],
    ['40P01', 'serialization'],
    ['42501', 'permission'],
    ['42P01', 'unknown'],
    ['XX000', 'unknown'],
    ['P0001', 'unknown'],
  ])('takes SQLSTATE %s for %s', (sqlState, kind) => {
    expect(sqlFailure(withCode(sqlState))).toEqual({ kind, sqlState });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])('takes %s for an outage', (code) => {
    expect(sqlFailure(withCode(code))).toEqual({ kind: 'unavailable' });
  });

  it('tells which constraint it was', () => {
    const error = withCode('23505', { constraint: 'ledger_identity' });
    expect(sqlFailure(error)).toEqual({ kind: 'conflict', sqlState: '23505', constraint: 'ledger_identity' });
  });

  it('looks through what TypeORM wraps around it', () => {
    const wrapped = Object.assign(new Error('QueryFailedError'), { driverError: withCode('40P01') });
    expect(sqlFailure(wrapped)).toEqual({ kind: 'serialization', sqlState: '40P01' });
  });

  it.each([new Error('a bug'), withCode('ERR_INVALID_ARG_TYPE'), 'a text', undefined, null])(
    'does not know %s',
    (error) => {
      expect(sqlFailure(error)).toEqual({ kind: 'unknown' });
    },
  );
});
