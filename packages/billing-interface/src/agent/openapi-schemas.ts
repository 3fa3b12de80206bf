import { invoiceSchema, logEntrySchema, receiptSchema, WARNINGS } from '@tax-control/protocol';
import { draftSchema } from '../draft/draft-schema.js';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const time = { type: 'string', format: 'date-time' } as const;
const nullable = (schema: { readonly type: string }): object => ({ ...schema, type: [schema.type, 'null'] });

/** An object whose members are all there, unless named in `optional`. */
function shape(properties: Record<string, object>, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties };
}

export function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of the protocol as a component: without the members that only a document of its own has. */
function component({ $schema: _schema, $id: _id, ...rest }: { $schema: string; $id: string }): object {
  return rest;
}

const fault = shape({ pointer: text, detail: text });
const problem = shape(
  {
    type: text,
    code: { ...text, description: 'Stable; switch on it.' },
    title: text,
    status: { type: 'integer' },
    detail: { ...text, description: 'For people: what to do.' },
    retry: { enum: ['same', 'later', 'never'] },
    retryAfterMs: count,
    allowed: count,
    errors: { type: 'array', items: fault },
    requestId: text,
  },
  ['retry', 'retryAfterMs', 'allowed', 'errors', 'requestId'],
);
const facts = {
  saleId: text,
  terminalId: text,
  invoiceId: text,
  counter: { type: 'integer', minimum: 1 },
  invoice: reference('Invoice'),
  environment: { enum: ['production', 'test'] },
  qrText: {
    ...text,
    description:
      'Text of the QR: the address where a customer can check the receipt; while the code is pending, with the proof that this till signed it.',
  },
  signatureMark: { ...text, description: 'To be printed while the code is pending.' },
  repeated: { const: true, description: 'This saleId was asked for before: the answer is about the invoice of then.' },
  firstAt: { ...time, description: 'Beside `repeated`: when that invoice was signed.' },
  notices: {
    type: 'array',
    items: text,
    description:
      'What the till found odd about the times or the rates of this sale, or its disk has lost, and what to do; absent: nothing.',
  },
};
/** Members of `facts` that the first answer leaves out. */
const REPEATED = ['repeated', 'firstAt'];
const receiptText = { ...text, description: 'Only when asked for with `receipt`.' };

/** Every shape of the agent's API. */
export const openApiSchemas = {
  InvoiceDraft: component(draftSchema),
  Invoice: component(invoiceSchema),
  Receipt: component(receiptSchema),
  LogEntry: component(logEntrySchema),
  Problem: problem,
  Warning: shape({ code: { enum: Object.keys(WARNINGS) }, detail: text }),
  SaleIssued: shape(
    {
      result: { const: 'issued' },
      ...facts,
      code: { ...text, description: '20 digits; printed in four groups of five.' },
      receipt: reference('Receipt'),
      receiptJws: { ...text, description: 'The receipt with the server’s signature, to be kept as proof.' },
      warnings: { type: 'array', items: reference('Warning') },
      receiptText,
    },
    ['notices', 'receiptText', ...REPEATED],
  ),
  SaleStoredOffline: shape(
    {
      result: { const: 'stored_offline' },
      ...facts,
      cause: { ...text, description: 'Why the code is pending (catalogue of causes).' },
      detail: { ...text, description: 'What to print and, where somebody has to act, what to do.' },
      limitWarning: { ...text, description: 'From 80 % of an offline limit.' },
      receiptText,
    },
    ['limitWarning', 'notices', 'receiptText', ...REPEATED],
  ),
  SaleRefused: shape({ result: { const: 'refused' }, ...facts, problem: reference('Problem') }, [
    'notices',
    ...REPEATED,
  ]),
  SaleRefusedProblem: shape(
    {
      type: text,
      title: text,
      status: { const: 422 },
      detail: text,
      result: { const: 'refused' },
      ...facts,
      problem: reference('Problem'),
    },
    ['notices', ...REPEATED],
  ),
  SaleErrorProblem: shape(
    {
      type: text,
      title: text,
      status: { type: 'integer' },
      result: { enum: ['invalid', 'limit_reached', 'not_permitted', 'journal_unavailable', 'sale_id_conflict'] },
      saleId: text,
      detail: { ...text, description: 'What was wrong and what to do.' },
      problem: reference('Problem'),
    },
    ['problem'],
  ),
  Terminal: shape({ terminalId: text, directory: text, state: { enum: ['open', 'unavailable'] }, detail: text }, [
    'detail',
  ]),
  TillStatus: shape({
    terminalId: text,
    journalId: text,
    lastCounter: count,
    waiting: count,
    waitingSales: { ...count, description: 'Sum of the waiting sales, in the smallest unit.' },
    oldestWaitingAt: nullable(time),
    refused: count,
    issued: count,
    circuit: { enum: ['closed', 'open', 'probing'] },
    lastFailure: { oneOf: [{ type: 'null' }, shape({ at: time, cause: text, detail: nullable(text) })] },
    parametersVersion: nullable({ type: 'integer' }),
    certificateNotAfter: nullable(time),
    clockOffsetMs: nullable({ type: 'integer' }),
    clockBehind: {
      ...nullable(time),
      description: 'A moment that has passed although the till’s clock is before it: the clock is wrong.',
    },
    timeZone: shape({ name: text, from: { enum: ['configuration', 'parameters', 'computer'] } }),
    logWaiting: count,
    mark: {
      ...shape({ state: { enum: ['kept', 'made_anew', 'not_written'] }, detail: nullable(text) }),
      description:
        'The mark beside the journal, by which a loss of the disk is noticed; not_written: the disk does not take it.',
    },
    losses: {
      type: 'array',
      items: reference('JournalLoss'),
      description: 'What this till’s disk has lost and did not come back as a whole.',
    },
  }),
  JournalLoss: shape({
    journalId: text,
    found: { ...count, description: 'Counters behind this one up to `written` may be gone; 0: the whole journal.' },
    written: count,
    noticedAt: time,
    noticedBy: { enum: ['mark', 'server'] },
    detail: { ...text, description: 'What was found.' },
    state: {
      enum: ['to_fetch', 'fetched', 'incomplete'],
      description: 'incomplete: the server has told all that it has, and some counters are missing.',
    },
    fetched: { ...count, description: 'Invoices that came back from the server.' },
    withoutContent: { ...count, description: 'Invoices of which the server no longer keeps the content.' },
    missing: { ...count, description: 'Counters that are neither here nor came back.' },
    problem: { ...nullable(text), description: 'Why the last fetching stopped.' },
  }),
  DrainReport: shape({
    issued: count,
    alreadyIssued: count,
    refused: count,
    deferred: count,
    stillWaiting: count,
    cause: { ...nullable(text), description: 'Why it stopped before nothing was left.' },
  }),
  FeedEvent: shape({
    cursor: { type: 'integer', minimum: 1 },
    at: time,
    kind: {
      enum: [
        'issued',
        'refused',
        'warning',
        'limit',
        'not_authenticated',
        'journal_opened',
        'restored',
        'restoration_refused',
        'journal_lost',
        'journal_fetched',
        'parameters',
        'certificate',
        'repeated',
      ],
    },
    saleId: nullable(text),
    invoiceId: nullable(text),
    code: nullable(text),
    detail: text,
  }),
  Feed: shape({
    events: { type: 'array', items: reference('FeedEvent') },
    cursor: { ...count, description: 'What to ask with next.' },
  }),
  Health: shape({
    status: { enum: ['ok', 'degraded', 'down'] },
    version: text,
    terminals: shape({ open: count, unavailable: count }),
  }),
  ParametersImport: shape({ result: { enum: ['taken', 'not_newer', 'refused'] }, detail: text }),
};
