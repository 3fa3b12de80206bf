/** Letters of a value that are shown: enough to find it in the file. */
const SHOWN_LENGTH = 40;

/** A value from a file as a message shows it: in quotes, cut, and without what a screen would take for a command. */
export function shown(value: string): string {
  const harmless = value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return harmless.length > SHOWN_LENGTH ? `“${harmless.slice(0, SHOWN_LENGTH)}…”` : `“${harmless}”`;
}
