import { randomBytes } from 'node:crypto';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { problem } from '@tax-control/protocol';
import { Listener } from '../listener.js';
import { sendProblem } from '../send-problem.js';
import { type ConsoleAsset, ConsoleFiles } from './console-files.js';
import { pageHeaders } from './page-headers.js';

/** Names of files have a fingerprint: what is at one stays there for ever (a year is for ever to caches). */
const CACHE_FOR_EVER = 'public, max-age=31536000, immutable';
const NONCE_PLACE = '__STYLE_NONCE__';
/** 128 bits: not to be guessed by what somebody manages to put into a page. */
const NONCE_BYTES = 16;
const NOT_BUILT = 'The console was not built: run `npm run build`, then start the server again.';

/** The officials' console: one page for every view, and its files. The data come from /v1/console. */
@ApiExcludeController()
@Listener('public')
@Controller('console')
export class ConsoleController {
  constructor(private readonly files: ConsoleFiles) {}

  @Get()
  start(@Res() reply: FastifyReply): Promise<void> {
    return this.view(reply);
  }

  @Get('assets/:file')
  async asset(
    @Param('file') name: string,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asset = await this.files.asset(name);
    if (asset === null) sendProblem(reply, problem('not_found'));
    else sendAsset(reply, asset, encodings ?? '');
  }

  /** Every other address is a view's, which the page itself reads (addresses of views may be opened directly). */
  @Get('*')
  async view(@Res() reply: FastifyReply): Promise<void> {
    if (!this.files.areBuilt) return sendProblem(reply, problem('not_found', { detail: NOT_BUILT }));
    const page = await this.files.page();
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    void reply.headers(pageHeaders(nonce)).send(page.replace(NONCE_PLACE, nonce));
  }
}

function sendAsset(reply: FastifyReply, { mediaType, bytes, gzipped }: ConsoleAsset, encodings: string): void {
  const takesGzip = /\bgzip\b/.test(encodings);
  void reply
    .headers({
      'content-type': mediaType,
      'cache-control': CACHE_FOR_EVER,
      vary: 'accept-encoding',
      ...(takesGzip ? { 'content-encoding': 'gzip' } : {}),
    })
    .send(takesGzip ? gzipped : bytes);
}
