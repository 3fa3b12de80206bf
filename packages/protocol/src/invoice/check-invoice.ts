import { type Problem, problem } from '../catalogue/problems.js';
import { forfeitFaults, isPaid, isTotal, lineFaults, taxFaults, unsafeSums } from './arithmetic.js';
import type { Invoice } from './invoice-schema.js';
import { referenceFaults } from './reference.js';

/**
 * Last step on a signed invoice: what it says of itself must agree (problems 58 and 73 to 77, in this order; issue of
 * the code follows if null). Pure: nothing here depends on time, state or other invoices.
 * - a refund or void says what it takes back; of several originals, each line says which
 * - amount = quantity × unitPrice − discount, within one unit of rounding, and within what a measured quantity is rounded by
 * - one row of taxes for each category and rate of the lines, and for each levy; base and amount fit their sum; the amount is the
 *   rate's share within one unit for each of these lines (rounding line by line is legal)
 * - total = taxes' bases and amounts + untaxed levies + rounding lines; payments = total (a proforma may have none); only a voucher forfeits
 */
export function checkInvoice(invoice: Invoice): Problem | null {
  const unsafe = unsafeSums(invoice);
  if (unsafe.length > 0) return problem('amount_unsafe', { errors: unsafe });

  const wrongReference = referenceFaults(invoice);
  if (wrongReference.length > 0) return problem('reference_missing', { errors: wrongReference });

  const wrongLines = lineFaults(invoice);
  if (wrongLines.length > 0) return problem('line_arithmetic', { errors: wrongLines });

  const wrongTaxes = taxFaults(invoice);
  if (wrongTaxes.length > 0) return problem('tax_arithmetic', { errors: wrongTaxes });

  if (!isTotal(invoice))
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
