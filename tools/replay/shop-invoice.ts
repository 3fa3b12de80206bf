/** One row of the shop's data, as read; nothing is mended. */
export interface ShopRow {
  readonly stockCode: string;
  readonly description: string;
  /** Integer; negative on cancellations and corrections. */
  readonly quantity: number;
  /** Pence as decimal string, exact: "255", "0.5". */
  readonly unitPricePence: string;
}

/** All rows of one InvoiceNo. */
export interface ShopInvoice {
  /** Unlike any other in this run, also where two files use one number. */
  readonly saleId: string;
  readonly number: string;
  /** The shop's wall clock (UK) of the first row: 2010-12-01 08:26:00 */
  readonly localTime: string;
  readonly customerId: string;
  readonly country: string;
  readonly rows: readonly ShopRow[];
}

/** What the data set's authors mark as cancellation; which invoice it takes back they do not say. */
const CANCELLATION_PREFIX = 'C';

export function isCancellation(invoice: Pick<ShopInvoice, 'number'>): boolean {
  return invoice.number.startsWith(CANCELLATION_PREFIX);
}
