import { Body, Controller, Get, Headers, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Problem } from '@tax-control/protocol';
import { Admit, AdmitStrangers, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Listener } from '../http/listener.js';
import { KeyRing } from '../keys/key-ring.js';
import { basicCredentials } from './basic-credentials.js';
import { certificatesOnly } from './certificates-only.js';
import { type EnrolmentResult, refusedWith } from './certify.js';
import { Enrolment } from './enrolment.js';
import { Renewal } from './renewal.js';

/** RFC 7030, 4.1.3 and 4.2.3. */
const CERTIFICATES_MEDIA_TYPE = 'application/pkcs7-mime; smime-type=certs-only';

/** Enrolment over Secure Transport (RFC 7030): how a till comes by its certificate, and by the next one. */
@Listener('terminals')
@Controller('.well-known/est')
export class EstController {
  constructor(
    private readonly keys: KeyRing,
    private readonly enrolment: Enrolment,
    private readonly renewal: Renewal,
  ) {}

  /** The authority's certificate: public, and believed only by who has its digest from elsewhere. */
  @Get('cacerts')
  @AdmitStrangers()
  authority(@Res({ passthrough: true }) reply: FastifyReply): string {
    return certificates(reply, this.keys.issuingCa().certificate.raw);
  }

  @Post('simpleenroll')
  @HttpCode(200)
  @AdmitStrangers()
  async enrol(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Problem> {
    const credentials = basicCredentials(authorization);
    const result =
      credentials === null ? refusedWith('enrolment_secret_wrong') : await this.enrolment.enrol(credentials, body);
    return answer(reply, result);
  }

  @Post('simplereenroll')
  @HttpCode(200)
  @Admit('certificate_expired', 'terminal_suspended')
  async renew(
    @CallingTerminal() terminal: TerminalIdentity,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Problem> {
    return answer(reply, await this.renewal.renew(terminal.terminalId, body));
  }
}

function answer(reply: FastifyReply, result: EnrolmentResult): string | Problem {
  return result.result === 'certified' ? certificates(reply, result.certificate) : result.problem;
}

function certificates(reply: FastifyReply, der: Buffer): string {
  reply.header('content-type', CERTIFICATES_MEDIA_TYPE).header('content-transfer-encoding', 'base64');
  return certificatesOnly([der]);
}
