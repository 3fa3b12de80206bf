import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { HandedReceipt } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { describedAct } from '../registry/describe-registry.js';
import { HandedReceipts } from './handed-receipts.js';
import { RECEIPT_MEMBERS, ReceiptBody } from './receipt-body.js';

@Listener('public')
@Controller('v1/console/receipts')
@Official()
export class ReceiptsController {
  constructor(private readonly receipts: HandedReceipts) {}

  @Post()
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct(
      'Take in a receipt that only a customer has: `receipt` as the server signed it, or what the paper shows',
      ['reason'],
      { type: 'HandedReceipt', members: ['result', 'isCheck', 'facts', 'known'], status: 200 },
      [
        'receipt_not_genuine',
        'receipt_of_other_environment',
        'code_in_dispute',
        'receipt_of_unknown_terminal',
        'receipt_not_forgotten',
        'print_does_not_fit',
        'code_mistyped',
        'too_many_requests',
      ],
      RECEIPT_MEMBERS,
    ),
  )
  takeIn(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: ReceiptBody,
  ): Promise<HandedReceipt | Problem> {
    return this.receipts.takeIn(official, body);
  }
}
