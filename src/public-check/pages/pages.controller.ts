import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Listener } from '../../http/listener.js';
import { TakesForms } from '../../http/route-options.js';
import { visitorOf } from '../visitor.js';
import { Pages } from './pages.js';
import { sendPage } from './send-page.js';

/** The pages behind the QR of a receipt, for anybody: no account, no cookie, no script. */
@ApiExcludeController()
@Listener('public')
@Controller('v')
export class PagesController {
  constructor(private readonly pages: Pages) {}

  @Get()
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendPage(reply, await this.pages.start(visitorOf(request)));
  }

  @Get(':code')
  async byCode(@Param('code') code: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendPage(reply, await this.pages.check({ by: 'code', code }, visitorOf(request)));
  }

  @Get(':terminalId/:invoiceId')
  async byInvoice(
    @Param() { terminalId = '', invoiceId = '' }: Record<string, string>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.check({ by: 'invoice', terminalId, invoiceId }, visitorOf(request)));
  }

  @Post(':code')
  @TakesForms()
  async reportCode(
    @Param('code') code: string,
    @Body() form: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.report({ by: 'code', code }, formOf(form), visitorOf(request)));
  }

  @Post(':terminalId/:invoiceId')
  @TakesForms()
  async reportInvoice(
    @Param() { terminalId = '', invoiceId = '' }: Record<string, string>,
    @Body() form: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const paper = { by: 'invoice', terminalId, invoiceId } as const;
    sendPage(reply, await this.pages.report(paper, formOf(form), visitorOf(request)));
  }
}

/** The address takes JSON as well, as every address does; it has no fields for us then. */
function formOf(body: unknown): URLSearchParams | undefined {
  return body instanceof URLSearchParams ? body : undefined;
}
