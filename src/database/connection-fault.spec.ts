import { describe, expect, it } from 'vitest';
import { describeError } from '../observability/describe-error.js';
import { connectionFault } from './connection-fault.js';

function sqlError(code: string): Error {
  return Object.assign(new Error('as the database says it'), { code });
}

describe('what a fault of the database means to the operator', () => {
  it.each([
    ['a lock that was not had', '55P03', /holds the tables/],
    ['a statement that was cancelled', '57014', /took too long/],
    ['a database that stops', '57P01', /cannot be reached/],
  ])('is told of %s', (_, code, seen) => {
    expect(connectionFault(sqlError(code))?.seen).toMatch(seen);
  });

  it('has advice in the log too when the numbers are used up, where the database’s own words are left out', () => {
    expect(describeError(sqlError('2200H')).advice).toMatch(/tax-control database status/);
  });

  it('is none of these where a row was refused', () => {
    expect(connectionFault(sqlError('23505'))).toBeNull();
  });
});
