import { PRINTER_PROFILE_DEFAULT, PRINTER_PROFILE_NAMES } from '../receipt/printer-profiles.js';
import { RECEIPT_COLUMNS } from '../receipt/receipt-text.js';
import { RECEIPT_LANGUAGES } from '../receipt/words.js';
import { AGENT_PROBLEMS, type AgentProblemCode } from './agent-problem.js';
import { openApiSchemas, reference } from './openapi-schemas.js';
import { SALE_ID_LENGTH_MAX } from '../draft/sale-id.js';
import { FEED_EVENTS_MAX, FEED_WAIT_MAX_MS, LOG_ENTRIES_MAX } from './terminal-routes.js';

/** Problems that every address under the token can answer with. */
const COMMON: readonly AgentProblemCode[] = [
  'malformed_request',
  'token_wrong',
  'origin_not_allowed',
  'host_not_allowed',
  'internal_error',
  'stopping',
];

const terminalId = { name: 'terminalId', in: 'path', required: true, schema: { type: 'string' } };
const saleId = {
  name: 'saleId',
  in: 'path',
  required: true,
  description: 'The MIS’s own key of the sale, percent-encoded. Asking again with the same one gives the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: SALE_ID_LENGTH_MAX },
};
const language = query('language', 'Language of the receipt.', { enum: RECEIPT_LANGUAGES, default: 'en' });

function query(name: string, description: string, schema: object): object {
  return { name, in: 'query', required: false, description, schema };
}

function json(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } };
}

function problems(description: string, ...schemas: object[]): object {
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  return { description, content: { 'application/problem+json': { schema } } };
}

/** Answers of an operation: its own, and a problem for each status that the codes stand for. */
function answers(own: Record<string, object>, codes: readonly AgentProblemCode[] = []): Record<string, object> {
  const byStatus: Record<string, AgentProblemCode[]> = {};
  for (const code of [...COMMON, ...codes]) (byStatus[AGENT_PROBLEMS[code].status] ??= []).push(code);
  const told = Object.entries(byStatus).map(([status, list]) => [
    status,
    problems(list.map((code) => `\`${code}\`: ${AGENT_PROBLEMS[code].title}`).join(' '), reference('Problem')),
  ]);
  return { ...Object.fromEntries(told), ...own };
}

const signed = [reference('SaleIssued'), reference('SaleStoredOffline')];
const saleError = reference('SaleErrorProblem');
const onTerminal = ['terminal_not_here', 'terminal_unavailable'] as const;
const receipt = query('receipt', 'Columns of the paper: adds `receiptText` to the answer.', { enum: RECEIPT_COLUMNS });

const salePath = {
  post: {
    operationId: 'issue',
    summary: 'Sell: sign the sale, keep it safely, and fetch its tax control code.',
    description:
      'Answers within the deadline of the parameters. Switch on `result`. After a lost answer ask again with the same saleId and content.',
    parameters: [terminalId, saleId, receipt, language],
    requestBody: { required: true, content: { 'application/json': { schema: reference('InvoiceDraft') } } },
    responses: answers(
      {
        200: json('`issued`: the sale has its code.', reference('SaleIssued')),
        202: json(
          '`stored_offline`: the sale holds; its code comes later and appears in the feed.',
          reference('SaleStoredOffline'),
        ),
        403: problems('`not_permitted`: nothing was signed; or a web page called.', saleError, reference('Problem')),
        409: problems('`limit_reached` or `sale_id_conflict`: nothing was signed.', saleError),
        422: problems(
          '`invalid`: nothing was signed; `refused`: signed, and refused by the server.',
          saleError,
          reference('SaleRefusedProblem'),
        ),
        503: problems(
          '`journal_unavailable`: nothing was signed; or the agent is stopping.',
          saleError,
          reference('Problem'),
        ),
      },
      ['invalid_request', 'terminal_not_here', 'request_timeout', 'request_too_large', 'media_type_not_supported'],
    ),
  },
  get: {
    operationId: 'lookUp',
    summary: 'What became of a sale.',
    parameters: [terminalId, saleId, receipt, language],
    responses: answers(
      {
        200: json('The sale as it stands now.', { oneOf: [...signed, reference('SaleRefused')] }),
        503: problems('The journal cannot be read, or the agent is stopping.', saleError, reference('Problem')),
      },
      ['invalid_request', 'sale_unknown', ...onTerminal],
    ),
  },
};

const receiptPath = {
  get: {
    operationId: 'receipt',
    summary: 'The receipt of a sale, to be printed, as it stands now.',
    description: 'By Accept: text/plain (UTF-8), or application/octet-stream: bytes for an ESC/POS printer.',
    parameters: [
      terminalId,
      saleId,
      query('columns', 'Columns of the paper.', { enum: RECEIPT_COLUMNS, default: 48 }),
      language,
      query('reprint', 'Says on the paper that it was printed again.', { enum: ['true', 'false'], default: 'false' }),
      query('qr', 'text: half blocks (text/plain); native or raster (ESC/POS); none: the address.', {
        enum: ['text', 'native', 'raster', 'none'],
      }),
      query('printer', 'Whose code pages the ESC/POS printer has; what none of them has is drawn.', {
        enum: PRINTER_PROFILE_NAMES,
        default: PRINTER_PROFILE_DEFAULT,
      }),
    ],
    responses: answers(
      {
        200: {
          description: 'The receipt.',
          content: { 'text/plain': { schema: { type: 'string' } }, 'application/octet-stream': {} },
        },
      },
      ['invalid_request', 'sale_unknown', 'receipt_not_available', 'not_acceptable', ...onTerminal],
    ),
  },
};

const terminalPaths = {
  '/v1/terminals/{terminalId}/status': {
    get: {
      operationId: 'status',
      summary: 'What waits, since when, and why.',
      parameters: [terminalId],
      responses: answers({ 200: json('How the terminal stands.', reference('TillStatus')) }, onTerminal),
    },
  },
  '/v1/terminals/{terminalId}/drain': {
    post: {
      operationId: 'drain',
      summary: 'Send what waits, now. An idle till does so by itself.',
      description: 'Answers when nothing waits any more or the line failed; a large backlog takes minutes.',
      parameters: [terminalId],
      responses: answers({ 200: json('What was done.', reference('DrainReport')) }, onTerminal),
    },
  },
  '/v1/terminals/{terminalId}/feed': {
    get: {
      operationId: 'feed',
      summary: 'What changed since the cursor: late codes, refusals, warnings.',
      description:
        'With `waitMs` the answer comes at the next event, or empty after that time. Ask next with the `cursor` of the answer.',
      parameters: [
        terminalId,
        query('cursor', 'The last event known; 0 from the beginning.', { type: 'integer', minimum: 0, default: 0 }),
        query('waitMs', 'How long to wait for an event.', {
          type: 'integer',
          minimum: 0,
          maximum: FEED_WAIT_MAX_MS,
          default: 0,
        }),
        query('limit', 'Events at the most.', { type: 'integer', minimum: 1, maximum: FEED_EVENTS_MAX, default: 100 }),
      ],
      responses: answers({ 200: json('Events, oldest first.', reference('Feed')) }, [
        'invalid_request',
        'too_many_requests',
        ...onTerminal,
      ]),
    },
  },
  '/v1/terminals/{terminalId}/log': {
    get: {
      operationId: 'log',
      summary: 'The newest attempts of the transaction log, newest first.',
      parameters: [
        terminalId,
        query('limit', 'Entries at the most.', { type: 'integer', minimum: 1, maximum: LOG_ENTRIES_MAX, default: 100 }),
      ],
      responses: answers(
        {
          200: json('Entries.', {
            type: 'object',
            required: ['entries'],
            properties: { entries: { type: 'array', items: reference('LogEntry') } },
          }),
        },
        ['invalid_request', ...onTerminal],
      ),
    },
  },
  '/v1/terminals/{terminalId}/parameters': {
    post: {
      operationId: 'importParameters',
      summary: 'Take a signed parameters document that was brought by any way.',
      parameters: [terminalId],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', required: ['parameters'], properties: { parameters: { type: 'string' } } },
          },
        },
      },
      responses: answers(
        {
          200: json('Taken, or not newer than what is there.', reference('ParametersImport')),
          422: json(
            'Refused: not signed by this terminal’s server, or not of the agreed shape.',
            reference('ParametersImport'),
          ),
        },
        ['request_timeout', 'request_too_large', 'media_type_not_supported', ...onTerminal],
      ),
    },
  },
};

const health = reference('Health');

/** The agent's API as an OpenAPI 3.1 document. */
export function openApiDocument(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Billing interface agent',
      version,
      description:
        'Sells with tax control codes, online and through an outage, for the tills of one shop. Versioned by the first part of the path.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }],
    paths: {
      '/v1/health': {
        get: {
          operationId: 'health',
          summary: 'Whether the agent runs and its terminals are open.',
          security: [],
          responses: {
            ...answers({ 200: json('`ok`, or `degraded`: some terminals are not open.', health) }),
            503: {
              description: '`down`: no terminal is open; or stopping.',
              content: {
                'application/json': { schema: health },
                'application/problem+json': { schema: reference('Problem') },
              },
            },
          },
        },
      },
      '/v1/openapi.json': {
        get: {
          operationId: 'openApi',
          summary: 'This document.',
          security: [],
          responses: answers({ 200: json('OpenAPI 3.1.', { type: 'object' }) }),
        },
      },
      '/v1/terminals': {
        get: {
          operationId: 'terminals',
          summary: 'The terminals of this agent, and why one is not open.',
          responses: answers({
            200: json('Terminals.', {
              type: 'object',
              required: ['terminals'],
              properties: { terminals: { type: 'array', items: reference('Terminal') } },
            }),
          }),
        },
      },
      ...terminalPaths,
      '/v1/terminals/{terminalId}/sales/{saleId}': salePath,
      '/v1/terminals/{terminalId}/sales/{saleId}/receipt': receiptPath,
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The text in the agent’s token file.' },
      },
      schemas: openApiSchemas,
    },
  };
}
