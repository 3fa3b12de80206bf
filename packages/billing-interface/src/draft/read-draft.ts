import { LIMITS, parseJson, problem, type Problem, scanJson, validator } from '@tax-control/protocol';
import type { InvoiceDraft } from '../api.js';
import { draftSchema } from './draft-schema.js';
import { tidyDraft } from './tidy-draft.js';

export type DraftReading =
  { readonly ok: true; readonly draft: InvoiceDraft } | { readonly ok: false; readonly problem: Problem };

const draftShape = validator<InvoiceDraft>(draftSchema);

/**
 * Reads a sale that came as bytes (from the MIS over HTTP, from a file). Strict in what would change money in silence: a member
 * named twice, and integers that no number can hold. `malformed_request`: it is no JSON at all.
 */
export function readDraft(bytes: Uint8Array): DraftReading {
  const text = decode(bytes);
  const parsed = text === null ? null : parseJson(text);
  if (text === null || parsed === null)
    return {
      ok: false,
      problem: problem('malformed_request', {
        detail: `The sale is not JSON in UTF-8 of at most ${LIMITS.jsonLevelsMax} levels. Send one JSON object.`,
      }),
    };
  const faults = scanJson(text);
  if (faults.duplicateNames.length > 0)
    return { ok: false, problem: problem('payload_duplicate_key', { errors: faults.duplicateNames }) };
  if (faults.numbersUnsafe.length > 0)
    return { ok: false, problem: problem('amount_unsafe', { errors: faults.numbersUnsafe }) };
  return checkDraft(parsed.value);
}

/** Whether a value has the shape of a draft once it is tidy; arithmetic and rules are judged by `issue`. */
export function checkDraft(value: unknown): DraftReading {
  const draft = tidyDraft(value);
  if (draftShape.accepts(draft)) return { ok: true, draft };
  const errors = draftShape.faults(draft);
  const detail = 'The sale does not have the shape of a draft: mend the members named in `errors`.';
  return { ok: false, problem: problem('schema_violation', { detail, errors }) };
}

/** A byte order mark is passed over: some editors write one. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
