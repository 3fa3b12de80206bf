import { UPLOAD_PART_BYTES_MAX, UPLOAD_PARTS_MAX } from '@tax-control/protocol/console';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { IfThere, MaybeOne, One } from '../query/rules.js';
import { PageParameters } from '../query/page-parameters.js';
import { oneOf, REASON_RULE, UUID_RULE } from '../query/text-rules.js';
import { HANDED_RESULTS, type HandedResult } from '@tax-control/protocol/console';

/** Letters of a part in base64, and the rest of its body. */
export const UPLOAD_BODY_BYTES_MAX = Math.ceil(UPLOAD_PART_BYTES_MAX / 3) * 4 + 1_024;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** One part of a file, the first one 0. */
export class UploadPartBody {
  @One(UUID_RULE) readonly uploadId: string = '';

  @IsInt()
  @Min(0)
  @Max(UPLOAD_PARTS_MAX - 1)
  readonly part: number = 0;

  @One({
    accepts: (text) => text.length <= UPLOAD_BODY_BYTES_MAX && BASE64.test(text),
    message: `must be 1 to ${UPLOAD_PART_BYTES_MAX} bytes in base64`,
  })
  readonly bytes: string = '';
}

/** Hands in a file whose parts have come. */
export class HandInBody {
  @One(UUID_RULE) readonly uploadId: string = '';

  @IsInt()
  @Min(1)
  @Max(UPLOAD_PARTS_MAX)
  readonly parts: number = 0;

  @One(REASON_RULE) readonly reason: string = '';

  @IfThere()
  @IsBoolean()
  readonly isCheck?: boolean;

  @IfThere()
  @IsBoolean()
  readonly takesBroken?: boolean;
}

/** Invoices of one journal, of which this became. */
export class HandedInvoiceParameters extends PageParameters {
  @MaybeOne(oneOf(HANDED_RESULTS)) readonly result?: HandedResult;
}
