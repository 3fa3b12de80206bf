import type { JournalState } from '../api.js';

/**
 * Where an invoice in the journal may go. `issued` and `refused` are for ever: a receipt is never taken back, and a
 * refused invoice stays with its bytes and cause, so that its counter is accounted for. The same table stands in the
 * database as a trigger (schema.ts); a spec walks both.
 */
export const LEGAL_CHANGES: Readonly<Record<JournalState, readonly JournalState[]>> = {
  waiting: ['waiting', 'issued', 'refused'],
  issued: [],
  refused: [],
};

export const JOURNAL_STATES = Object.keys(LEGAL_CHANGES) as readonly JournalState[];

export function isLegalChange(from: JournalState, to: JournalState): boolean {
  return LEGAL_CHANGES[from].includes(to);
}
