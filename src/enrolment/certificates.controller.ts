import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { CertificateAnswer, CertificateRequest, Problem } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { BodyLimit } from '../http/route-options.js';
import { visitorOf } from './est.controller.js';
import { ShownCertificates } from './shown-certificates.js';

/** A certificate of this authority has less than 1 KB; base64 makes 1.4 of it. */
const CERTIFICATE_BYTES_MAX = 8_192;

export class CertificateEnvelope implements CertificateRequest {
  /** DER in base64. */
  @IsString()
  readonly certificate!: string;
}

/** How a till shows a certificate that a restored database has forgotten. */
@Listener('terminals')
@Admit('certificate_expired', 'terminal_suspended')
@Controller('v1/certificates')
export class CertificatesController {
  constructor(private readonly shown: ShownCertificates) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(CERTIFICATE_BYTES_MAX)
  @Describe({
    tag: 'Enrolment',
    summary: 'Show a certificate that the server has forgotten',
    description:
      'For invoices that are answered `signer_unknown`: the terminal shows the certificate that its authority gave it and that the ' +
      'invoice names, and sends the invoice again. The certificate verifies what it signed; it opens no connection. Suspended ' +
      'terminals and expired certificates are admitted.',
    body: {
      schema: {
        type: 'object',
        required: ['certificate'],
        additionalProperties: false,
        properties: { certificate: { type: 'string', description: 'DER in base64.' } },
      },
    },
    answer: {
      description: '`taken`: it is on file from now on; `known`: it was before.',
      schema: { type: 'object', required: ['result'], properties: { result: { enum: ['taken', 'known'] } } },
    },
    problems: [
      'server_busy',
      'outcome_unknown',
      'malformed_request',
      'invalid_request',
      'request_too_large',
      'certificate_missing',
      'terminal_unknown',
      'certificate_revoked',
      'terminal_revoked',
      'certificate_expired_long_ago',
      'shown_certificate_refused',
    ],
  })
  show(
    @CallingTerminal() { terminalId }: TerminalIdentity,
    @Body(Envelope) { certificate }: CertificateEnvelope,
    @Req() request: FastifyRequest,
  ): Promise<CertificateAnswer | Problem> {
    return this.shown.show(terminalId, certificate, visitorOf(request));
  }
}
