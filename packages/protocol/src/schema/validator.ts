import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Fault } from '../catalogue/problems.js';
import { FAULTS_MAX } from '../json/scan-json.js';
import { pointerStep } from '../json/text.js';
import { hasCalendarDate, isCalendarDate } from '../time.js';
import { PATTERN_SENTENCES } from './patterns.js';

/** A JSON Schema that is compiled when it is first needed: commands that never check anything start without that cost. */
export interface Validator<T> {
  /** Whether the value has the shape; stops at the first fault. */
  readonly accepts: (value: unknown) => value is T;
  /**
   * What is wrong with the value and where; none when it is right.
   * @param all whether to look for more than the first, up to {@link FAULTS_MAX}: for documents of a bounded size only,
   * since Ajv collects every fault before the list is cut
   */
  readonly faults: (value: unknown, all?: boolean) => Fault[];
}

// Patterns are plain ASCII, so the slower flag `u` changes nothing but time.
const options = {
  unicodeRegExp: false,
  allowUnionTypes: true,
  formats: { date: isCalendarDate, 'date-time': hasCalendarDate },
};

/** Makes the check of a schema. `T` must be the type that the schema describes. */
export function validator<T>(schema: object): Validator<T> {
  let compiledQuick: ValidateFunction | undefined;
  let compiledThorough: ValidateFunction | undefined;
  const quick = (): ValidateFunction => (compiledQuick ??= new Ajv2020(options).compile(schema));
  const thorough = (): ValidateFunction =>
    (compiledThorough ??= new Ajv2020({ ...options, allErrors: true }).compile(schema));
  return {
    accepts: (value): value is T => quick()(value),
    faults: (value, all = true) => {
      const check = all ? thorough() : quick();
      return check(value) ? [] : toFaults(check.errors ?? []);
    },
  };
}

/** One fault for each place. Of a choice (`oneOf`) only the choice itself is told: what each branch lacks would mislead. */
function toFaults(errors: readonly ErrorObject[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    if (faults.size === FAULTS_MAX) break;
    const fault = toFault(error);
    if (!error.schemaPath.includes('/oneOf/') && !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

function toFault({ instancePath, keyword, params, message }: ErrorObject): Fault {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((step) => pointerStep(step.replaceAll('~1', '/').replaceAll('~0', '~')))
    .join('');
  const named = text(params['missingProperty']) ?? text(params['additionalProperty']);
  return { pointer: path + (named === null ? '' : pointerStep(named)), detail: sentence(keyword, params, message) };
}

function sentence(keyword: string, params: Record<string, unknown>, message = 'has a wrong form'): string {
  if (keyword === 'required') return 'Is missing.';
  if (keyword === 'additionalProperties') return 'Is not a member that is known here.';
  if (keyword === 'enum') return `Must be one of ${JSON.stringify(params['allowedValues'])}.`;
  if (keyword === 'const') return `Must be ${JSON.stringify(params['allowedValue'])}.`;
  if (keyword === 'oneOf') return 'Must have exactly one of the agreed forms.';
  const ofPattern = keyword === 'pattern' ? PATTERN_SENTENCES[text(params['pattern']) ?? ''] : undefined;
  if (ofPattern !== undefined) return ofPattern;
  if (keyword === 'format') return 'Is not a day of the calendar.';
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
