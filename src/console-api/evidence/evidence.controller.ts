import { Body, Controller, HttpCode, Post, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { CONSOLE_TAG, REASON_SCHEMA, REPORT_PROBLEMS } from '../describe-answers.js';
import { EvidenceBody } from './evidence-body.js';
import { Evidence } from './evidence.js';

const text = { type: 'string' } as const;

@Listener('public')
@Controller('v1/console/evidence')
@Official()
export class EvidenceController {
  constructor(private readonly evidence: Evidence) {}

  @Post()
  @HttpCode(200)
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'Take all that is on file of a shop in a period',
    description:
      'A ZIP with signed invoices, certificates, receipts, refused ones, gaps, log entries, a signed manifest with digests, and a README that ' +
      'says how to verify it with openssl alone. It is written while it is read: one for each official at a time. It ends when its reader ' +
      'takes nothing for 30 seconds, and when it has taken ten minutes and another official asks for one.',
    body: {
      schema: {
        type: 'object',
        required: ['premisesId', 'from', 'to', 'zone', 'reason'],
        properties: { premisesId: text, from: text, to: text, zone: text, reason: REASON_SCHEMA },
      },
    },
    answer: { mediaType: 'application/zip', schema: { type: 'string', format: 'binary' } },
    problems: [...REPORT_PROBLEMS, 'csrf_refused', 'not_on_file', 'evidence_too_large', 'evidence_without_memory'],
  })
  make(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: EvidenceBody,
  ): Promise<StreamableFile | Problem> {
    return this.evidence.make(official, body);
  }
}
