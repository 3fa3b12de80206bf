import { type Problem, problem } from '../catalogue/problems.js';
import { forfeitFaults, isPaid, isTotal, lineFaults, sumLines, taxFaults, unsafeSums } from './arithmetic.js';
import type { Invoice } from './invoice-schema.js';

/**
 * Last step on a signed invoice: what it says of itself must agree (problems 58 and 73 to 77, in this order; issue of
 * the code follows if null). Pure: nothing here depends on time, state or other invoices.
 * - amount = quantity × unitPrice − discount, within one unit of rounding, and within what a measured quantity is rounded by
 * - one row of taxes for each category of the lines; base and amount fit their sum; the amount is the rate's share within
 *   one unit for each line of the category (rounding line by line is legal)
 * - total = taxes' bases and amounts + rounding lines; payments = total (a proforma may have none); only a voucher forfeits
 */
export function checkInvoice(invoice: Invoice): Problem | null {
  const unsafe = unsafeSums(invoice);
  if (unsafe.length > 0) return problem('amount_unsafe', { errors: unsafe });

  if (invoice.kind !== 'sale' && invoice.reference === undefined)
    return problem('reference_missing', { errors: [{ pointer: '/reference', detail: 'Is missing.' }] });

  const wrongLines = lineFaults(invoice);
  if (wrongLines.length > 0) return problem('line_arithmetic', { errors: wrongLines });

  const sums = sumLines(invoice.lines);
  const wrongTaxes = taxFaults(invoice, sums);
  if (wrongTaxes.length > 0) return problem('tax_arithmetic', { errors: wrongTaxes });

  if (!isTotal(invoice, sums))
    return problem('total_arithmetic', {
      errors: [{ pointer: '/total', detail: 'Is not the sum of taxes and rounding.' }],
    });

  const wrongForfeits = forfeitFaults(invoice);
  if (wrongForfeits.length > 0) return problem('payment_arithmetic', { errors: wrongForfeits });
  const hasNoPayments = invoice.type === 'proforma' && invoice.payments.length === 0;
  if (!hasNoPayments && !isPaid(invoice))
    return problem('payment_arithmetic', { errors: [{ pointer: '/payments', detail: 'Do not add up to the total.' }] });

  return null;
}
