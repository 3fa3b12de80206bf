import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '@tax-control/protocol';
import { Admit, AdmitStrangers, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe, type DescribedBody } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { KeyRing } from '../keys/key-ring.js';
import { basicCredentials } from './basic-credentials.js';
import { certificatesOnly } from './certificates-only.js';
import type { EnrolmentResult, Visitor } from './certify.js';
import { Enrolment } from './enrolment.js';
import { Renewal } from './renewal.js';

/** RFC 7030, 4.1.3 and 4.2.3. */
const CERTIFICATES_MEDIA_TYPE = 'application/pkcs7-mime; smime-type=certs-only';

const TAG = 'Enrolment';
const SIGNING_REQUEST: DescribedBody = {
  description:
    'PKCS #10 in base64, signed by a new key on P-256. Only the key counts; the subject is empty or names the terminal.',
  mediaType: 'application/pkcs10',
  schema: { type: 'string' },
};
const CERTIFICATES: DescribedBody = {
  description: 'Certificates only (CMS without signers) in base64.',
  mediaType: CERTIFICATES_MEDIA_TYPE,
  schema: { type: 'string' },
};
const SIGNING_REQUEST_PROBLEMS = [
  'media_type_not_supported',
  'csr_malformed',
  'csr_key_not_allowed',
  'csr_name_mismatch',
] as const;

/** Enrolment over Secure Transport (RFC 7030): how a till comes by its certificate, and by the next one. */
@Listener('terminals')
@Controller('.well-known/est')
export class EstController {
  constructor(
    private readonly keys: KeyRing,
    private readonly enrolment: Enrolment,
    private readonly renewal: Renewal,
  ) {}

  /** The authorities' certificates, the issuing one first: public, and believed only by who has the digest of one from elsewhere. */
  @Get('cacerts')
  @AdmitStrangers()
  @Describe({
    tag: TAG,
    summary: 'The authority’s certificate',
    description:
      'RFC 7030, 4.1. Believe it only if its SHA-256 is the one in the invitation. Where the authority was or is being replaced, ' +
      'also the others and the certificates by which one vouches for another: believe those that one you believe vouches for.',
    answer: CERTIFICATES,
  })
  authority(@Res({ passthrough: true }) reply: FastifyReply): string {
    return certificates(reply, ...this.keys.authoritiesAndLinks().map(({ raw }) => raw));
  }

  @Post('simpleenroll')
  @HttpCode(200)
  @AdmitStrangers()
  @Describe({
    tag: TAG,
    summary: 'A first certificate for an invitation',
    description:
      'RFC 7030, 4.2.1, with HTTP Basic: the terminal’s id and the invitation’s secret. The same secret with the same key ' +
      'gives the same certificate again, so an answer that was lost is asked for again as it was. A wrong secret changes nothing at the invitation; ' +
      'from an address that showed many, the next ones are answered `too_many_requests`.',
    body: SIGNING_REQUEST,
    answer: CERTIFICATES,
    problems: [
      'enrolment_secret_wrong',
      'enrolment_secret_used',
      'enrolment_secret_expired',
      'terminal_revoked',
      'certificate_revoked',
      'too_many_requests',
      ...SIGNING_REQUEST_PROBLEMS,
    ],
  })
  async enrol(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Problem> {
    const credentials = basicCredentials(request.headers.authorization);
    const visitor = visitorOf(request);
    const result =
      credentials === null
        ? await this.enrolment.refuseSecret(null, visitor)
        : await this.enrolment.enrol(credentials, body, visitor);
    return answer(reply, result);
  }

  @Post('simplereenroll')
  @HttpCode(200)
  @Admit('certificate_expired', 'terminal_suspended')
  @Describe({
    tag: TAG,
    summary: 'The next certificate, for the present one',
    description:
      'RFC 7030, 4.2.2. A certificate that expired not too long ago will do (`ENROLMENT_EXPIRED_DAYS`, 90 days where the ' +
      'operator set nothing else), and a suspended terminal may. Older certificates go on verifying ' +
      'what they signed. The same key gets the same certificate again.',
    body: SIGNING_REQUEST,
    answer: CERTIFICATES,
    problems: [
      'certificate_missing',
      'certificate_revoked',
      'terminal_revoked',
      'certificate_expired_long_ago',
      'too_many_requests',
      ...SIGNING_REQUEST_PROBLEMS,
    ],
  })
  async renew(
    @CallingTerminal() terminal: TerminalIdentity,
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Problem> {
    return answer(reply, await this.renewal.renew(terminal, body, visitorOf(request)));
  }
}

export function visitorOf({ ip, id }: FastifyRequest): Visitor {
  return { address: ip, requestId: id };
}

function answer(reply: FastifyReply, result: EnrolmentResult): string | Problem {
  return result.result === 'certified' ? certificates(reply, result.certificate) : result.problem;
}

function certificates(reply: FastifyReply, ...ders: Buffer[]): string {
  reply.header('content-type', CERTIFICATES_MEDIA_TYPE).header('content-transfer-encoding', 'base64');
  return certificatesOnly(ders);
}
