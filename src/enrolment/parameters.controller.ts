import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { DATABASE_POOL } from '../database/database.module.js';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { noteFetchedVersion } from '../registry/fetched-parameters.js';
import { Parameters, type SignedParameters } from '../registry/parameters.js';
import { namesEntityTag } from './entity-tag.js';

/** Compact JWS (RFC 7515, 9.2.1). */
const JOSE_MEDIA_TYPE = 'application/jose';
const NOT_MODIFIED = 304;

/** What an enrolled till fetches: the signed parameters. Suspended and lately expired ones need them too, to learn what they may. */
@Listener('terminals')
@Admit('certificate_expired', 'terminal_suspended')
@Controller('v1/parameters')
export class ParametersController {
  constructor(
    private readonly parameters: Parameters,
    @Inject(DATABASE_POOL) private readonly pool: Pool,
  ) {}

  @Get()
  @Describe({
    tag: 'Parameters',
    summary: 'What tills are told',
    description:
      'Answers with an ETag, and 304 to If-None-Match where nothing has changed. The document is described at ' +
      '/schemas/parameters-1.json. Suspended terminals and expired certificates are admitted.',
    answer: {
      description: 'A JWS (typ parameters+jws, x5c of the signing certificate) over the parameters.',
      mediaType: JOSE_MEDIA_TYPE,
      schema: { type: 'string' },
    },
    problems: ['certificate_missing', 'terminal_revoked', 'certificate_expired_long_ago', 'parameters_missing'],
  })
  async read(
    @CallingTerminal() { terminalId }: TerminalIdentity,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const document = await this.parameters.signedDocument();
    await noteFetchedVersion(this.pool, terminalId, document.version);
    return answer(document, ifNoneMatch, reply);
  }
}

function answer(
  { jws, etag }: SignedParameters,
  ifNoneMatch: string | undefined,
  reply: FastifyReply,
): string | undefined {
  reply.header('etag', etag).header('cache-control', 'no-cache');
  if (namesEntityTag(ifNoneMatch, etag)) {
    reply.code(NOT_MODIFIED);
    return undefined;
  }
  reply.header('content-type', JOSE_MEDIA_TYPE);
  return jws;
}
