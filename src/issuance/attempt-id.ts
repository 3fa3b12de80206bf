const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The attempt that a request belongs to. It is bookkeeping: one that is missing or no UUID is none, and nothing fails for it. */
export function attemptIdOf(header: string | undefined): string | null {
  return header !== undefined && UUID.test(header) ? header : null;
}
