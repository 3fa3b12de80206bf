import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SaleResult } from '../api.js';
import { readDraft } from '../draft/read-draft.js';
import { PRINTER_PROFILE_DEFAULT, PRINTER_PROFILE_NAMES } from '../receipt/printer-profiles.js';
import { receiptEscPos } from '../receipt/receipt-escpos.js';
import { RECEIPT_COLUMNS, type ReceiptColumns, receiptText } from '../receipt/receipt-text.js';
import { RECEIPT_LANGUAGES, type ReceiptLanguage } from '../receipt/words.js';
import { type AgentContext, tillOrProblem } from './context.js';
import { QueryReader } from './query.js';
import { sendLookUp, sendProblem, sendSale } from './replies.js';
import { isSaleId, SALE_ID_LENGTH_MAX } from '../draft/sale-id.js';

const COLUMN_WORDS = RECEIPT_COLUMNS.map(String);
const COLUMNS_DEFAULT = 48;

type SaleRequest = FastifyRequest<{ Params: { terminalId: string; saleId: string } }>;

/** `/v1/terminals/{terminalId}/sales/{saleId}` and below. */
export function saleRoutes(app: FastifyInstance, context: AgentContext): void {
  const path = '/v1/terminals/:terminalId/sales/:saleId';
  app.post(path, (request: SaleRequest, reply) => issue(context, request, reply));
  app.get(path, (request: SaleRequest, reply) => lookUp(context, request, reply));
  app.get(`${path}/receipt`, (request: SaleRequest, reply) => reprint(context, request, reply));
}

async function issue(context: AgentContext, request: SaleRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { terminalId, saleId } = request.params;
  const wanted = wantedText(request, reply);
  if (wanted === 'refused') return reply;
  if (!Buffer.isBuffer(request.body))
    return sendProblem(reply, 'malformed_request', { detail: 'The body is missing. Send the sale as JSON.' });
  const reading = readDraft(request.body);
  if (!reading.ok && reading.problem.code === 'malformed_request')
    return sendProblem(reply, 'malformed_request', { detail: reading.problem.detail });
  const lane = await context.lanes.till(terminalId);
  if (lane.state === 'unknown') return sendProblem(reply, 'terminal_not_here');
  if (!reading.ok)
    return sendSale(reply, { result: 'invalid', saleId, detail: reading.problem.detail, problem: reading.problem });
  if (lane.state === 'unavailable')
    return sendSale(reply, { result: 'journal_unavailable', saleId, detail: lane.detail });
  const result = await lane.till.issue(saleId, reading.draft);
  return sendSale(reply, result, wanted === null ? {} : textOf(result, wanted));
}

async function lookUp(context: AgentContext, request: SaleRequest, reply: FastifyReply): Promise<FastifyReply> {
  const wanted = wantedText(request, reply);
  if (wanted === 'refused') return reply;
  const till = await tillOrProblem(context, request.params.terminalId, reply);
  if (till === null) return reply;
  const result = till.lookUp(request.params.saleId);
  if (result === null) return sendProblem(reply, 'sale_unknown');
  return sendLookUp(reply, result, wanted === null ? {} : textOf(result, wanted));
}

async function reprint(context: AgentContext, request: SaleRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = new QueryReader(request.query);
  const columns = columnsOf(query.choice('columns', COLUMN_WORDS, String(COLUMNS_DEFAULT)));
  const language = query.choice('language', RECEIPT_LANGUAGES, 'en');
  const marked = query.choice('reprint', ['true', 'false'], 'false') === 'true';
  const qr = query.choice('qr', ['text', 'native', 'raster', 'none'], null);
  const printer = query.choice('printer', PRINTER_PROFILE_NAMES, PRINTER_PROFILE_DEFAULT);
  if (refuseFaults(query, request, reply)) return reply;
  const form = formOf(request.headers.accept);
  if (form === null) return sendProblem(reply, 'not_acceptable');
  const till = await tillOrProblem(context, request.params.terminalId, reply);
  if (till === null) return reply;
  const result = till.lookUp(request.params.saleId);
  if (result === null) return sendProblem(reply, 'sale_unknown');
  if (result.result === 'refused')
    return sendProblem(reply, 'receipt_not_available', { detail: result.problem.detail });
  if (result.result !== 'issued' && result.result !== 'stored_offline') return sendLookUp(reply, result);
  const options = { columns, language, reprint: marked };
  if (form === 'text')
    return reply
      .type('text/plain; charset=utf-8')
      .send(receiptText(result, { ...options, qr: qr === 'none' ? 'none' : 'paper' }));
  return reply
    .type('application/octet-stream')
    .send(receiptEscPos(result, { ...options, printer, qr: qr === null || qr === 'text' ? 'native' : qr }));
}

interface WantedText {
  readonly columns: ReceiptColumns;
  readonly language: ReceiptLanguage;
}

/** The receipt text that shall be told beside the result; null when none was asked for. */
function wantedText(request: SaleRequest, reply: FastifyReply): WantedText | null | 'refused' {
  const query = new QueryReader(request.query);
  const columns = query.choice('receipt', COLUMN_WORDS, null);
  const language = query.choice('language', RECEIPT_LANGUAGES, 'en');
  if (refuseFaults(query, request, reply)) return 'refused';
  return columns === null ? null : { columns: columnsOf(columns), language };
}

/** Whether query or saleId were refused; the problem is sent then. */
function refuseFaults(query: QueryReader, request: SaleRequest, reply: FastifyReply): boolean {
  const { saleId } = request.params;
  const detail = `Must be 1 to ${SALE_ID_LENGTH_MAX} characters without control characters.`;
  const errors = [...query.faults(), ...(isSaleId(saleId) ? [] : [{ pointer: '/saleId', detail }])];
  if (errors.length > 0) sendProblem(reply, 'invalid_request', { errors });
  return errors.length > 0;
}

function textOf(result: SaleResult, wanted: WantedText): object {
  if (result.result !== 'issued' && result.result !== 'stored_offline') return {};
  return { receiptText: receiptText(result, wanted) };
}

function columnsOf(word: string): ReceiptColumns {
  return RECEIPT_COLUMNS.find((columns) => String(columns) === word) ?? COLUMNS_DEFAULT;
}

/** Which form of a receipt an Accept header asks for first; null when it takes neither. */
function formOf(accept = '*/*'): 'text' | 'escpos' | null {
  for (const range of accept.split(',')) {
    const type = range.split(';')[0]?.trim().toLowerCase();
    if (type === 'text/plain' || type === 'text/*' || type === '*/*') return 'text';
    if (type === 'application/octet-stream' || type === 'application/*') return 'escpos';
  }
  return null;
}
