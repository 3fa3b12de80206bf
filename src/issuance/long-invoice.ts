/**
 * Payload bytes from which an invoice is long, some 750 lines: reading it takes 10 ms and storing it as much, so that it is read in a thread of its own
 * and committed by itself. Of 25,900 real invoices three were longer.
 */
const LONG_PAYLOAD_BYTES = 150_000;

/** Whether an invoice is dealt with aside. @param payloadBytes of its payload, or three quarters of its text's length */
export function isLong(payloadBytes: number): boolean {
  return payloadBytes >= LONG_PAYLOAD_BYTES;
}
