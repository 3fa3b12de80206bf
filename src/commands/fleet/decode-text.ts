/** The text of a file, or what is wrong with its encoding and what to do about it. */
export type TextReading =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly line: number; readonly reason: string };

const LINE_FEED = 0x0a;
const SAVE_AS_UTF8 = 'Save it as UTF-8 (in spreadsheets: “CSV UTF-8”)';

/** First bytes by which programs mark what they wrote (The Unicode Standard, 23.8). */
const MARK = { utf16Little: [0xff, 0xfe], utf16Big: [0xfe, 0xff], utf8: [0xef, 0xbb, 0xbf] } as const;

/**
 * Reads UTF-8, with or without byte order mark. Everything else is refused rather than guessed: a name that was guessed wrongly
 * is registered wrongly.
 */
export function decodeText(bytes: Uint8Array): TextReading {
  if (begins(bytes, MARK.utf16Little) || begins(bytes, MARK.utf16Big))
    return { ok: false, line: 1, reason: `The file is UTF-16. ${SAVE_AS_UTF8}.` };
  const nul = bytes.indexOf(0);
  if (nul >= 0)
    return {
      ok: false,
      line: lineOf(bytes, nul),
      reason: `The file holds NUL bytes: it is UTF-16 without a mark, or no text at all. ${SAVE_AS_UTF8}.`,
    };
  const body = begins(bytes, MARK.utf8) ? bytes.subarray(MARK.utf8.length) : bytes;
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) };
  } catch {
    return {
      ok: false,
      line: lineOf(body, firstBrokenByte(body)),
      reason: `The file is not UTF-8 from here on; it looks like Latin-1 or Windows-1252. ${SAVE_AS_UTF8}.`,
    };
  }
}

function begins(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function lineOf(bytes: Uint8Array, end: number): number {
  let line = 1;
  for (let index = 0; index < end; index += 1) if (bytes[index] === LINE_FEED) line += 1;
  return line;
}

/** Every line is decoded by itself: no character of UTF-8 but the line feed contains its byte. */
function firstBrokenByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return start;
    }
    start = end;
  }
  return start;
}
