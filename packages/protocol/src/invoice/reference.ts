import type { Fault } from '../catalogue/problems.js';
import { FAULTS_MAX } from '../json/scan-json.js';
import type { Invoice, InvoiceLine, InvoiceReference } from './invoice-schema.js';

/** An original as a refund or void names it: by identity or by code. */
export type OriginalName = Exclude<InvoiceReference, { originals: unknown } | { reason: unknown }>;

/** The originals that a reference names, in its order; none where it gives a reason. */
export function originalsOf(reference: InvoiceReference | undefined): readonly OriginalName[] {
  if (reference === undefined || 'reason' in reference) return [];
  return 'originals' in reference ? reference.originals : [reference];
}

/** Whether a line takes back the original of a position of {@link originalsOf}; where there is one alone, every line does. */
export function isLineOf(reference: InvoiceReference | undefined, position: number): (line: InvoiceLine) => boolean {
  if (reference === undefined || !('originals' in reference)) return () => true;
  return ({ original }) => original === position;
}

/** Where it is not said what a refund or void takes back, or by which lines. */
export function referenceFaults({ kind, reference, lines }: Pick<Invoice, 'kind' | 'reference' | 'lines'>): Fault[] {
  if (kind !== 'sale' && reference === undefined) return [{ pointer: '/reference', detail: 'Is missing.' }];
  const originals = reference !== undefined && 'originals' in reference ? reference.originals : null;
  if (originals !== null && kind !== 'refund')
    return [{ pointer: '/reference/originals', detail: 'Only a refund can take several originals back.' }];
  const faults: Fault[] = [];
  const named = new Set<number>();
  for (const [index, { type, original }] of lines.entries()) {
    const detail =
      originals === null || type === 'rounding' ? notNamed(original) : wrongPosition(original, originals.length);
    if (detail !== null) faults.push({ pointer: `/lines/${index}/original`, detail });
    if (faults.length === FAULTS_MAX) return faults;
    if (original !== undefined) named.add(original);
  }
  for (const [index, original] of (originals ?? []).entries()) {
    const pointer = `/reference/originals/${index}`;
    if (!named.has(index)) faults.push({ pointer, detail: 'No line takes it back.' });
    if (originals?.findIndex((other) => nameOfOriginal(other) === nameOfOriginal(original)) !== index)
      faults.push({ pointer, detail: 'Is named already.' });
  }
  return faults.slice(0, FAULTS_MAX);
}

function notNamed(original: number | undefined): string | null {
  return original === undefined
    ? null
    : 'Only lines that are not for rounding, and only where there are several originals, have one.';
}

function wrongPosition(original: number | undefined, originals: number): string | null {
  if (original === undefined) return 'Is missing.';
  return original < originals ? null : `Is no position of the ${originals} originals.`;
}

/** An original as a person is told it: its code, or terminal and id. */
export function nameOfOriginal(original: OriginalName): string {
  return 'code' in original ? original.code : `${original.terminalId}/${original.invoiceId}`;
}
