import { Controller, Get, Header, Param, Req } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Problem } from '@tax-control/protocol';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { verificationSchema } from './verification-schema.js';
import { type Verification, Verifications } from './verifications.js';
import { visitorOf } from './visitor.js';

/** For programs of customers: is this code on file, and does the total fit. */
@Listener('public')
@Controller('v1/verifications')
export class VerificationsController {
  constructor(private readonly verifications: Verifications) {}

  @Get(':code')
  @Header('cache-control', 'no-store')
  @ApiQuery({ name: 'total', required: false, description: 'As printed: 12.50. Wrong ones are limited per receipt.' })
  @Describe({
    tag: 'Public',
    summary: 'Whether a code is on file',
    description:
      'Without the total nothing but that; with the right total also shop, time and kind. Limited per address, and wrong totals per receipt.',
    answer: { schema: verificationSchema },
    problems: ['code_mistyped', 'too_many_requests'],
  })
  verify(@Param('code') code: string, @Req() request: FastifyRequest): Promise<Verification | Problem> {
    return this.verifications.verify(code, visitorOf(request));
  }
}
