import type { Environment } from '@tax-control/protocol';
import type { TerminalCertificates } from './certificates.js';
import { countedTimeFault } from './check-counted-time.js';
import { differingColumns } from './check-columns.js';
import { checkDigitsFit, macDigits } from './code.js';
import { es256Fits, readObject, sha256 } from './compact-jws.js';
import { type AuditKeys, macKeyOf } from './keys.js';
import { codeNamesSequence, signedTextOfRow } from './receipt.js';
import type { RemovedContent } from './removed-content.js';
import { isInRange } from './sequence-ranges.js';
import { nameOf, printedFieldsOf, type StoredInvoice } from './stored-invoice.js';
import type { Tallies } from './verdict.js';

/** What every row is judged by. */
export interface Measure {
  readonly environment: Environment;
  readonly keys: AuditKeys;
  readonly certificates: TerminalCertificates;
  readonly removedContent: RemovedContent;
  readonly tallies: Tallies;
}

/** All that can be said of one invoice by itself. Its signer's certificate must have been loaded. */
export function checkStoredInvoice(row: StoredInvoice, measure: Measure): void {
  checkNumber(row, measure);
  checkCode(row, measure);
  checkReceipt(row, measure);
  checkContent(row, measure);
}

/** I1, the part of one row: number within the range, code of this number. */
function checkNumber(row: StoredInvoice, { environment, tallies }: Measure): void {
  tallies.I1.looked();
  tallies.I1.expect(
    isInRange(environment, Number(row.sequence)),
    () => `${nameOf(row)} is not a number of the ${environment} environment.`,
  );
  tallies.I1.expect(codeNamesSequence(row), () => `${nameOf(row)} has code ${row.code}, which is of another number.`);
}

/** I7. */
function checkCode(row: StoredInvoice, { keys, tallies }: Measure): void {
  tallies.I7.looked();
  tallies.I7.expect(checkDigitsFit(row.code), () => `${nameOf(row)}: the check digits of ${row.code} do not fit.`);
  const sequence = Number(row.sequence);
  const key = macKeyOf(keys, sequence);
  if (key === null) {
    tallies.I7.find(`${nameOf(row)}: the keys directory has no MAC key for this number.`);
    return;
  }
  const fields = printedFieldsOf(row);
  tallies.I7.expect(
    row.code.slice(12, 18) === macDigits(fields, key),
    () => `${nameOf(row)}: the MAC in ${row.code} does not fit the printed fields.`,
  );
}

/** I2, the part of one row: the receipt that a resend would get bears a signature that fits. */
function checkReceipt(row: StoredInvoice, { environment, keys, tallies }: Measure): void {
  tallies.I2.looked();
  const key = keys.receiptKeys.get(row.receipt_key);
  if (key === undefined) tallies.I2.find(`${nameOf(row)}: the keys directory has no receipt key ${row.receipt_key}.`);
  else
    tallies.I2.expect(
      es256Fits(signedTextOfRow(row, environment), row.receipt_signature, key),
      () => `${nameOf(row)}: the receipt made from the row does not fit its stored signature.`,
    );
}

/** I6, and what rests on the signed bytes: the columns. */
function checkContent(row: StoredInvoice, { certificates, removedContent, tallies }: Measure): void {
  tallies.pairs.looked();
  const { payload, signature, signer } = row;
  if (payload === null || signature === null || signer === null) {
    removedContent.judge(row, nameOf(row), tallies.pairs);
    return;
  }
  tallies.I6.looked();
  tallies.I6.expect(
    sha256(payload).equals(row.digest),
    () => `${nameOf(row)}: the stored bytes are not those of the digest.`,
  );
  const fault = signatureFault({ ...row, payload, signature, signer }, certificates);
  if (fault !== null) tallies.I6.find(`${nameOf(row)}: ${fault}.`);

  tallies.columns.looked();
  const members = readObject(payload);
  if (members === null) tallies.columns.find(`${nameOf(row)}: the stored bytes are not JSON.`);
  else {
    for (const column of differingColumns(row, members))
      tallies.columns.find(`${nameOf(row)}: column ${column} differs from the signed payload.`);
    const time = countedTimeFault(row, members);
    if (time !== null) tallies.columns.find(`${nameOf(row)} ${time}.`);
  }
}

type SignedContent = StoredInvoice & { payload: Buffer; signature: Buffer; signer: string };

function signatureFault(row: SignedContent, certificates: TerminalCertificates): string | null {
  const certificate = certificates.get(row.signer);
  if (certificate === undefined) return `no certificate ${row.signer} is on file`;
  if (certificate.terminalId !== row.terminal_id)
    return `certificate ${row.signer} is of terminal ${certificate.terminalId}`;
  if (certificate.fault !== null) return `certificate ${row.signer} ${certificate.fault}`;
  const header = row.header ?? JSON.stringify({ alg: 'ES256', typ: 'invoice+jws', 'x5t#S256': row.signer });
  const members = readObject(Buffer.from(header, 'utf8'));
  if (members?.['alg'] !== 'ES256' || members['typ'] !== 'invoice+jws' || members['x5t#S256'] !== row.signer)
    return 'the stored header is not one of an invoice of this signer';
  const signedText = `${Buffer.from(header, 'utf8').toString('base64url')}.${row.payload.toString('base64url')}`;
  return es256Fits(signedText, row.signature, certificate.key) ? null : 'the terminal’s signature does not fit';
}
