import { type Problem, problem } from '../catalogue/problems.js';
import { isAllowedText, pointerStep } from '../json/text.js';
import { validator } from '../schema/validator.js';
import { type LogEntry, logEntrySchema } from './log-entry.js';

export type LogEntryReading =
  { readonly ok: true; readonly entry: LogEntry } | { readonly ok: false; readonly problem: Problem };

const entryShape = validator<LogEntry>(logEntrySchema);

/** Checks one entry of an upload: shape and texts. Causes of a newer till are kept as they are. */
export function readLogEntry(value: unknown): LogEntryReading {
  if (!entryShape.accepts(value))
    return { ok: false, problem: problem('entry_invalid', { errors: entryShape.faults(value) }) };
  const spoiled = Object.entries(value).find(([, member]) => typeof member === 'string' && !isAllowedText(member));
  if (spoiled === undefined) return { ok: true, entry: value };
  const detail = 'Contains a control character or half a surrogate pair.';
  return { ok: false, problem: problem('entry_invalid', { errors: [{ pointer: pointerStep(spoiled[0]), detail }] }) };
}
