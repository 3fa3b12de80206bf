import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { IsString, Length } from 'class-validator';
import type { EchoAnswer, EchoRequest } from '@tax-control/protocol';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { BodyLimit } from '../http/route-options.js';
import { AdmitAnyCertificate, PresentCaller } from './admit.js';
import type { Caller } from './caller.js';
import { EchoService } from './echo.js';

const NONCE_LENGTH_MIN = 16;
const NONCE_LENGTH_MAX = 64;
const NONCE = { type: 'string', minLength: NONCE_LENGTH_MIN, maxLength: NONCE_LENGTH_MAX };
/** The longest nonce, of characters with four bytes each, and its envelope. */
const ECHO_BYTES_MAX = 1_024;

export class EchoEnvelope implements EchoRequest {
  @IsString()
  @Length(NONCE_LENGTH_MIN, NONCE_LENGTH_MAX)
  readonly nonce!: string;
}

@Listener('terminals')
@Controller('v1/echo')
export class EchoController {
  constructor(private readonly echo: EchoService) {}

  @Post()
  @HttpCode(200)
  @AdmitAnyCertificate()
  @BodyLimit(ECHO_BYTES_MAX)
  @Describe({
    tag: 'Connection',
    summary: 'Who the server takes the caller for, and what time it is',
    description:
      'Test of a connection and of a clock. Admits every certificate, expired and unknown ones too, and tells its standing.',
    body: {
      schema: { type: 'object', required: ['nonce'], additionalProperties: false, properties: { nonce: NONCE } },
    },
    answer: {
      description: 'A JWS (typ echo+jws, x5c) over nonce, time, terminalId and standing.',
      schema: { type: 'object', required: ['echo'], properties: { echo: { type: 'string' } } },
    },
    problems: ['malformed_request', 'invalid_request', 'certificate_missing'],
  })
  answer(@PresentCaller() caller: Caller, @Body(Envelope) { nonce }: EchoEnvelope): EchoAnswer {
    return this.echo.answer(caller, nonce);
  }
}
