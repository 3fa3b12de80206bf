const MODULUS = 97n;
/** ISO 7064 MOD 97-10: check digits make the whole number leave 1 modulo 97; they are 02 to 98. */
const CHECK_BASE = 98n;
const CODE_PATTERN = /^[0-9]{20}$/;
const BODY_PATTERN = /^[0-9]{18}$/;
const SEQUENCE_DIGITS = 12;
const TEST_ENVIRONMENT_DIGIT = '9';

/** A tax control code that is written correctly; whether it is genuine only the server's file can say. */
export interface ParsedCode {
  /** 20 digits without spaces. */
  readonly code: string;
  readonly sequence: number;
  readonly environment: 'production' | 'test';
}

/** Two check digits for the 18 digits of sequence and MAC (ISO/IEC 7064:2003, MOD 97-10). */
export function checkDigits(body: string): string {
  if (!BODY_PATTERN.test(body)) throw new RangeError('check digits are computed over exactly 18 digits');
  return String(CHECK_BASE - ((BigInt(body) * 100n) % MODULUS)).padStart(2, '0');
}

/** Reads a code as people type it (spaces and hyphens between groups); null when a digit is mistyped or missing. */
export function parseCode(typed: string): ParsedCode | null {
  const code = typed.replaceAll(/[\s-]/g, '');
  if (!CODE_PATTERN.test(code)) return null;
  if (checkDigits(code.slice(0, 18)) !== code.slice(18)) return null;
  const environment = code.startsWith(TEST_ENVIRONMENT_DIGIT) ? 'test' : 'production';
  return { code, sequence: Number(code.slice(0, SEQUENCE_DIGITS)), environment };
}

/** The code as it is printed: four groups of five digits. */
export function formatCode(code: string): string {
  return code.replaceAll(/(\d{5})(?=\d)/g, '$1 ');
}
