import { Controller, Get, Param } from '@nestjs/common';
import type { InvoiceAnswer, Problem } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe, schemaOf } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { InvoiceLookup } from './invoice-lookup.js';

@Listener('terminals')
@Controller('v1/invoices')
@Admit('terminal_suspended', 'certificate_expired')
export class InvoiceController {
  constructor(private readonly lookup: InvoiceLookup) {}

  @Get(':id')
  @Describe({
    tag: 'Invoices',
    summary: 'Look up the receipt of an own invoice',
    description:
      'The same receipt and warnings as at first. Suspended terminals and expired certificates are admitted.',
    answer: {
      schema: {
        type: 'object',
        required: ['receipt', 'warnings'],
        properties: { receipt: { type: 'string' }, warnings: { type: 'array', items: schemaOf('Warning') } },
      },
    },
    problems: ['invoice_unknown', 'terminal_unknown', 'terminal_revoked', 'certificate_expired_long_ago'],
  })
  find(@CallingTerminal() { terminalId }: TerminalIdentity, @Param('id') id: string): Promise<InvoiceAnswer | Problem> {
    return this.lookup.find(terminalId, id);
  }
}
