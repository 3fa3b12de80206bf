import { describe, expect, it } from 'vitest';
import { uuidV7 } from '../uuid.js';
import type { LogEntry } from './log-entry.js';
import { readLogEntry } from './read-log-entry.js';

const entry: LogEntry = {
  id: uuidV7(Date.now()),
  at: '2026-11-22T18:05:00.000+01:00',
  door: 'issue',
  invoiceId: uuidV7(Date.now()),
  outcome: 'failed',
  cause: 'connection_refused',
  detail: 'connect ECONNREFUSED 192.0.2.7:8443',
  address: 'https://192.0.2.7:8443',
  connectMs: null,
  tlsMs: null,
  answerMs: null,
  totalMs: 12,
};

/** First pointer of a refused entry. */
function pointer(value: unknown): string | undefined {
  const reading = readLogEntry(value);
  return reading.ok ? 'ok' : reading.problem.errors?.[0]?.pointer;
}

describe('readLogEntry', () => {
  it('takes entries, and causes that only a newer till knows', () => {
    expect(readLogEntry(entry)).toEqual({ ok: true, entry });
    expect(pointer({ ...entry, cause: 'line_eaten_by_mice' })).toBe('ok');
  });

  it.each<[string, unknown, string]>([
    ['no object', 'x', ''],
    ['a missing member', { ...entry, id: undefined }, '/id'],
    ['an unknown member', { ...entry, colour: 'red' }, '/colour'],
    ['an id that is no UUID', { ...entry, id: 'x' }, '/id'],
    ['a time that does not exist', { ...entry, at: '2026-02-30T00:00:00Z' }, '/at'],
    ['a negative duration', { ...entry, totalMs: -1 }, '/totalMs'],
    ['half a millisecond', { ...entry, totalMs: 0.5 }, '/totalMs'],
    ['NUL in a text', { ...entry, detail: 'a\u{0}' }, '/detail'],
    ['half a surrogate pair', { ...entry, cause: '\u{D800}' }, '/cause'],
    ['a text too long', { ...entry, detail: 'x'.repeat(501) }, '/detail'],
  ])('names %s', (_, value, where) => {
    expect(pointer(value)).toBe(where);
  });
});
