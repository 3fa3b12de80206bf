import { expect, it } from 'vitest';
import { readTrailQuery } from './read-trail-query.js';

it('reads what is there', () => {
  expect(readTrailQuery({})).toEqual({});
  const query = {
    official: 'ada',
    format: 'csv',
    action: 'invoice.viewed',
    subject: "'; DROP TABLE audit_trail; --",
    from: '2026-11-01T00:00:00+08:00',
    to: '2026-11-02T00:00:00Z',
    before: '12',
    pageSize: '200',
  };
  expect(readTrailQuery(query)).toEqual({
    ...query,
    from: '2026-10-31T16:00:00.000Z',
    to: '2026-11-02T00:00:00.000Z',
    pageSize: 200,
  });
});

it.each([
  ['/official', { official: '<b>' }],
  ['/format', { format: 'xlsx' }],
  ['/action', { action: 'DROP' }],
  ['/subject', { subject: 'x'.repeat(201) }],
  ['/subject', { subject: 'a\u0000' }],
  ['/subject', { subject: ['a', 'b'] }],
  ['/from', { from: 'yesterday' }],
  ['/from', { from: '2026-02-31T99:00:00Z' }],
  ['/to', { from: '2026-02-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }],
  ['/before', { before: '-1' }],
  ['/before', { before: '9'.repeat(30) }],
  ['/pageSize', { pageSize: '201' }],
  ['/pageSize', { pageSize: '0' }],
  ['/pageSize', { pageSize: '1e2' }],
  ['/pageSize', { pageSize: '' }],
  ['/constructor', { constructor: 'x' }],
  ['/unknown', { unknown: 'x' }],
])('says that %s is wrong in %j', (pointer, query) =>
  expect(readTrailQuery(query as Record<string, unknown>)).toMatchObject({
    code: 'invalid_request',
    errors: [{ pointer }],
  }),
);
