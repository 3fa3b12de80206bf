import { Inject, Injectable } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { HandedReceipt } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { takeInReceipt } from '../../handed-receipts/take-in-receipt.js';
import { KeyRing } from '../../keys/key-ring.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { type RateLimit, RateLimits } from '../../rate-limits/rate-limits.js';
import { handedOf, type ReceiptBody } from './receipt-body.js';

/**
 * Prints that do not fit, of one official in a day. A case with several papers has some slips of typing; an invented code fits once in a million
 * tries, so 30 a day find one in 90 years.
 */
const WRONG_PRINTS: RateLimit = { name: 'wrong-prints', tries: 30, windowSeconds: 24 * 60 * 60 };

/** Receipts that only customers have, after a restore. Nothing here issues. */
@Injectable()
export class HandedReceipts {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly trail: AuditTrail,
    private readonly limits: RateLimits,
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
        tries: {
          take: () => this.limits.take(WRONG_PRINTS, official.name),
          giveBack: () => this.limits.giveBack(WRONG_PRINTS, official.name),
        },
        record: (client, act) => this.trail.record(official, act, client),
      },
      this.keys,
    );
  }
}
