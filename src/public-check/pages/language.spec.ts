import { expect, it } from 'vitest';
import { pageLanguage } from './language.js';

it.each([
  [null, undefined, 'en'],
  [null, '', 'en'],
  [null, 'zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  [null, 'zh-Hant-TW', 'zh-CN'],
  [null, 'de-AT, en;q=0.5, zh;q=0.7', 'zh-CN'],
  [null, 'de, fr', 'en'],
  [null, 'zh;q=0, en;q=0.1', 'en'],
  [null, '*', 'en'],
  [null, ';;;,q=zh,\u0000', 'en'],
  ['zh-CN', 'en', 'zh-CN'],
  ['zh', 'en', 'zh-CN'],
  ['en', 'zh-CN', 'en'],
  ['<script>', 'zh-CN', 'en'],
])('%s, %s → %s', (chosen, accepted, language) => expect(pageLanguage(chosen, accepted)).toBe(language));
