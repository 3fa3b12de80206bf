import type { Invoice } from '@tax-control/protocol';
import { SEQUENCE_DIGITS } from './code.js';
import { readObject } from './compact-jws.js';
import { goodsColumns } from './goods.js';
import type { Snapshot } from './snapshot.js';
import { nameOf, type StoredInvoice } from './stored-invoice.js';
import type { Tally } from './verdict.js';

type Reference = NonNullable<Invoice['reference']>;
type Several = Extract<Reference, { originals: unknown }>['originals'];

/**
 * A refund may name its original by code alone; the server then writes the identity that it found. That must be the identity
 * of that code. None at all is right, too: the original may not have been on file yet. Of several originals each stands in a row of its own
 * with what the lines take back of it.
 */
export async function checkReferences(snapshot: Snapshot, page: readonly StoredInvoice[], tally: Tally): Promise<void> {
  const named = page.flatMap((row) => {
    const payload = row.payload && (readObject(row.payload) as Partial<Invoice> | null);
    if (payload === null) return [];
    const originals = severalOf(payload);
    const code = row.reference_invoice_id === null ? null : codeOf(payload.reference);
    return originals === null && code === null && row.originals.length === 0 ? [] : [{ row, payload, originals, code }];
  });
  if (named.length === 0) return;
  const codes = named.flatMap(({ originals, code }) => [code, ...(originals ?? []).map(codeOf)]);
  const identities = await identitiesOf(
    snapshot,
    codes.filter((code) => code !== null),
  );
  for (const { row, payload, originals, code } of named) {
    if (code !== null)
      tally.expect(
        identities.get(code) === `${row.reference_terminal_id}/${row.reference_invoice_id}`,
        () => `${nameOf(row)} refers to code ${code}, but its columns name another invoice.`,
      );
    const stored = row.originals.join();
    const right = partsOf(originals ?? [], payload, identities);
    // Of a code that is on file now, it is not known whether it was then.
    const isRight = right.known.join() === stored || right.atLeast.join() === stored;
    tally.expect(isRight, () => `${nameOf(row)} names several originals, but ledger_original says something else.`);
  }
}

function severalOf({ reference }: Partial<Invoice>): Several | null {
  return reference !== undefined && 'originals' in reference && Array.isArray(reference.originals)
    ? reference.originals
    : null;
}

function codeOf(reference: Reference | undefined): string | null {
  return reference !== undefined && 'code' in reference ? reference.code : null;
}

async function identitiesOf(snapshot: Snapshot, codes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (codes.length === 0) return new Map();
  const rows = await snapshot.query<{ code: string; terminal_id: string; invoice_id: string }>(
    'SELECT code, terminal_id, invoice_id FROM ledger WHERE sequence = ANY ($1::bigint[])',
    [codes.map((code) => code.slice(0, SEQUENCE_DIGITS))],
  );
  return new Map(rows.map((row) => [row.code, `${row.terminal_id}/${row.invoice_id}`]));
}

/** Rows as they must stand in ledger_original: `known` with all codes that are on file, `atLeast` without them. */
function partsOf(
  originals: Several,
  payload: Partial<Invoice>,
  identities: ReadonlyMap<string, string>,
): { readonly known: string[]; readonly atLeast: string[] } {
  const rows = (isCounted: (original: Several[number]) => boolean): string[] => {
    const positions = new Map<string, number[]>();
    for (const [position, original] of originals.entries()) {
      const identity =
        'code' in original ? identities.get(original.code) : `${original.terminalId}/${original.invoiceId}`;
      if (identity !== undefined && isCounted(original))
        positions.set(identity, [...(positions.get(identity) ?? []), position]);
    }
    return [...positions].map(([identity, all]) => `${identity}/${sumOfParts(all, payload)}`).sort();
  };
  return { known: rows(() => true), atLeast: rows((original) => !('code' in original)) };
}

/** Two names of one original are one row. */
function sumOfParts(positions: readonly number[], payload: Partial<Invoice>): string {
  const parts = positions.map((position) => goodsColumns(payload, ({ original }) => original === position));
  const sum = (of: 'sold' | 'returned' | 'lines'): bigint =>
    parts.reduce((all, part) => all + BigInt(part?.[of] ?? 0), 0n);
  const isExact = parts.every((part) => part?.is_exact === true) ? 't' : 'f';
  return [sum('sold'), sum('returned'), sum('lines'), isExact].join('/');
}
