import { Controller, Get, Param } from '@nestjs/common';
import type { InvoiceAnswer, Problem } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Listener } from '../http/listener.js';
import { InvoiceLookup } from './invoice-lookup.js';

@Listener('terminals')
@Controller('v1/invoices')
@Admit('terminal_suspended', 'certificate_expired')
export class InvoiceController {
  constructor(private readonly lookup: InvoiceLookup) {}

  @Get(':id')
  find(@CallingTerminal() { terminalId }: TerminalIdentity, @Param('id') id: string): Promise<InvoiceAnswer | Problem> {
    return this.lookup.find(terminalId, id);
  }
}
