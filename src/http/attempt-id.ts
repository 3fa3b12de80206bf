const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SEPARATOR = ',';

/** The attempt that a request belongs to. It is bookkeeping: one that is missing or no UUID is none, and nothing fails for it. */
export function attemptIdOf(header: string | undefined): string | null {
  return header !== undefined && UUID.test(header) ? header : null;
}

/** The attempts of a list, one for each invoice in its order (decision 0009); those that are missing are none. */
export function attemptIdsOf(header: string | undefined, count: number): (string | null)[] {
  const texts = header?.split(SEPARATOR) ?? [];
  return Array.from({ length: count }, (_, index) => attemptIdOf(texts[index]?.trim()));
}

/** The attempts that a header names, where the list they belong to is not read. */
export function namedAttemptIds(header: string | undefined): string[] {
  const texts = header?.split(SEPARATOR) ?? [];
  return texts.flatMap((text) => attemptIdOf(text.trim()) ?? []);
}
