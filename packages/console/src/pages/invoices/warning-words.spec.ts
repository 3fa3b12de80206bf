import { describe, expect, it } from 'vitest';
import { judgedWarning, WARNING_FACTS, WARNING_SENTENCES, type WarningSentence } from '@tax-control/protocol';
import { DICTIONARIES, LANGUAGE_TAGS, type LanguageTag } from '../../i18n/dictionaries.js';
import { warningInWords } from './warning-words.js';

const ZONE = 'Asia/Shanghai';

/** As `Language.code`, without a browser. */
function languageOf(tag: LanguageTag) {
  const dictionary: Record<string, string> = DICTIONARIES[tag];
  return { tag, code: (family: string, code: string) => dictionary[`${family}.${code}`] ?? code };
}

const SAMPLES = {
  text: 'till-1',
  code: '90000000000283192803',
  money: '-9007199254740993 GBP',
  instant: '2026-11-22T23:30:00.000Z',
  count: 1_234.5,
  duration: 7_200_000,
} as const;

const sampled = Object.fromEntries(Object.entries(WARNING_FACTS).map(([name, kind]) => [name, SAMPLES[kind]]));

describe.each(LANGUAGE_TAGS)('a warning in %s', (tag) => {
  const say = (sentence: WarningSentence, facts: object): string | null =>
    warningInWords(judgedWarning(sentence, facts as never), languageOf(tag), ZONE);

  it.each(Object.keys(WARNING_SENTENCES) as WarningSentence[])('is said by its facts: %s', (sentence) => {
    const said = say(sentence, sampled);
    expect(said).not.toBeNull();
    expect(said).not.toMatch(/[{}]|undefined|NaN|smallest unit|9007199254740993|T23:30|90000000000283192803/);
    expect(/[\u4e00-\u9fff]/.test(said ?? '')).toBe(tag === 'zh-CN');
  });

  it('is left to the server’s own words where a fact or the sentence is not known', () => {
    const language = languageOf(tag);
    expect(warningInWords({ code: 'counter_fork', facts: {} }, language, ZONE)).toBeNull();
    expect(warningInWords({ code: 'clock_off', facts: {} }, language, ZONE)).toBeNull();
    expect(warningInWords({ code: 'clock_off', facts: { reason: 'later', offMs: 1 } }, language, ZONE)).toBeNull();
  });
});

describe('the facts of a warning', () => {
  const say = (tag: LanguageTag, sentence: WarningSentence): string | null =>
    warningInWords(judgedWarning(sentence, sampled as never), languageOf(tag), ZONE);

  it('are money in its currency, times in the zone, codes in groups', () => {
    expect(say('en', 'refunds_above_original')).toBe('-90,071,992,547,409.93 GBP of -90,071,992,547,409.93 GBP.');
    expect(say('en', 'signing_certificate_revoked')).toContain('Nov 23, 2026, 07:30:00');
    expect(say('zh-CN', 'number_used_before')).toContain('90000 00000 02831 92803');
    expect(say('zh-CN', 'clock_off.after_arrival')).toBe('销售时间比送达时间晚 2小时。');
  });

  it('are no text to be filled in themselves', () => {
    const facts = { issuedAt: 'x', enteredAt: 'y', explanation: '{issuedAt} $&' };
    expect(warningInWords({ code: 'entered_later', facts }, languageOf('en'), ZONE)).toBe(
      'Sold x, entered y: {issuedAt} $&',
    );
  });
});
