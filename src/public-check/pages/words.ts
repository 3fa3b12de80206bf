import type { PageLanguage } from './language.js';
import type { PageWords } from './page-words.js';
import { chineseWords } from './words-chinese.js';
import { englishWords } from './words-english.js';

/** The words of a language. */
export function pageWords(language: PageLanguage): PageWords {
  return language === 'en' ? englishWords : chineseWords;
}
