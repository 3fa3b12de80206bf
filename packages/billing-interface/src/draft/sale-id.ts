import { isAllowedText } from '@tax-control/protocol';

/** Characters of a saleId: room for any key that a MIS has, and an index row of bounded size. */
export const SALE_ID_LENGTH_MAX = 128;

/** Whether a text can be the MIS's key of a sale. */
export function isSaleId(text: string): boolean {
  return text.length > 0 && text.length <= SALE_ID_LENGTH_MAX && isAllowedText(text);
}
