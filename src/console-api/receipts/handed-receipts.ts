import { Inject, Injectable } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { HandedReceipt } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { takeInReceipt } from '../../handed-receipts/take-in-receipt.js';
import { KeyRing } from '../../keys/key-ring.js';
import { AuditTrail } from '../../officials/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { handedOf, type ReceiptBody } from './receipt-body.js';

/** Receipts that only customers have, after a restore. Nothing here issues. */
@Injectable()
export class HandedReceipts {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly trail: AuditTrail,
  ) {}

  takeIn(official: SignedInOfficial, body: ReceiptBody): Promise<HandedReceipt | Problem> {
    const reading = handedOf(body);
    if (!reading.ok) return Promise.resolve(reading.problem);
    return takeInReceipt(
      this.pool,
      {
        handed: reading.handed,
        takenBy: official.name,
        reason: body.reason,
        isCheck: body.isCheck === true,
        sees: ({ premisesId }) => sees(official.visiblePremises, premisesId),
        record: (client, act) => this.trail.record(official, act, client),
      },
      this.keys,
    );
  }
}
