const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

/** Whether the name of a time zone (IANA, such as Europe/London) is known to this Node.js. An offset such as +03:00 is no name. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
