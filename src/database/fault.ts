/**
 * Something that is not as it should be, for the person who runs the server. Neither sentence holds a secret or the value of a
 * setting that breaks its rule.
 */
export interface Fault {
  /** What was seen. */
  readonly seen: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Both sentences on one line. */
export function faultText({ seen, advice }: Fault): string {
  return `${seen} ${advice}`;
}
