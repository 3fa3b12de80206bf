import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { IsArray } from 'class-validator';
import { LIMITS, type LogUploadAnswer, type LogUploadRequest, type Problem } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../../authentication/admit.js';
import type { TerminalIdentity } from '../../authentication/caller.js';
import { Describe, schemaOf } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { BodyLimit } from '../../http/route-options.js';
import { TransactionLogUpload } from './upload.js';

/** The entries themselves are checked one by one, so that a wrong one keeps no other back. */
export class UploadEnvelope implements LogUploadRequest {
  @IsArray()
  readonly entries!: readonly unknown[];
}

@Listener('terminals')
@Controller('v1/transaction-logs')
export class TransactionLogController {
  constructor(private readonly upload: TransactionLogUpload) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(LIMITS.logUploadBytesMax)
  @Admit('certificate_expired', 'terminal_suspended')
  @Describe({
    tag: 'Transaction log',
    summary: 'Upload what happened to attempts at the till',
    description: `Up to ${LIMITS.logEntriesMax} entries. An entry that is on file already is counted as repeated and changes nothing, so an upload whose answer was lost is sent again as it is. Suspended terminals and expired certificates are admitted.`,
    body: {
      schema: {
        type: 'object',
        required: ['entries'],
        additionalProperties: false,
        properties: { entries: { type: 'array', maxItems: LIMITS.logEntriesMax, items: schemaOf('LogEntry') } },
      },
    },
    answer: {
      description: 'How many entries were new, how many repeated, and which could not be read.',
      schema: {
        type: 'object',
        required: ['new', 'repeated', 'invalid'],
        properties: {
          new: { type: 'integer' },
          repeated: { type: 'integer' },
          invalid: {
            type: 'array',
            items: {
              type: 'object',
              required: ['index', 'problem'],
              properties: { index: { type: 'integer' }, problem: schemaOf('Problem') },
            },
          },
        },
      },
    },
    problems: [
      'server_busy',
      'malformed_request',
      'invalid_request',
      'too_many_entries',
      'too_many_requests',
      'terminal_unknown',
      'terminal_revoked',
      'certificate_expired_long_ago',
    ],
  })
  store(
    @CallingTerminal() { terminalId }: TerminalIdentity,
    @Body(Envelope) { entries }: UploadEnvelope,
  ): Promise<LogUploadAnswer | Problem> {
    return this.upload.store(terminalId, entries);
  }
}
