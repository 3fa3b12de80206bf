import { actions as actionsEn } from './en/actions.js';
import { codes as codesEn } from './en/codes.js';
import { csv as csvEn } from './en/csv.js';
import { faults as faultsEn } from './en/faults.js';
import { lookup as lookupEn } from './en/lookup.js';
import { administration as administrationEn } from './en/administration.js';
import { reports as reportsEn } from './en/reports.js';
import { shell as shellEn } from './en/shell.js';
import { table as tableEn } from './en/table.js';
import { actions as actionsZh } from './zh/actions.js';
import { codes as codesZh } from './zh/codes.js';
import { csv as csvZh } from './zh/csv.js';
import { faults as faultsZh } from './zh/faults.js';
import { lookup as lookupZh } from './zh/lookup.js';
import { administration as administrationZh } from './zh/administration.js';
import { reports as reportsZh } from './zh/reports.js';
import { shell as shellZh } from './zh/shell.js';
import { table as tableZh } from './zh/table.js';

const en = {
  ...shellEn,
  ...tableEn,
  ...reportsEn,
  ...lookupEn,
  ...administrationEn,
  ...codesEn,
  ...csvEn,
  ...actionsEn,
  ...faultsEn,
};
const zh = {
  ...shellZh,
  ...tableZh,
  ...reportsZh,
  ...lookupZh,
  ...administrationZh,
  ...codesZh,
  ...csvZh,
  ...actionsZh,
  ...faultsZh,
};

/** Every text of the console by its key; a text that a language lacks does not compile. */
export type TextKey = keyof typeof en;
export type Dictionary = Readonly<Record<TextKey, string>>;

/** Languages by their tag (BCP 47), in the order in which they are offered. */
export const DICTIONARIES = { en, 'zh-CN': zh } as const satisfies Record<string, Dictionary>;
export type LanguageTag = keyof typeof DICTIONARIES;

/** Each language by its own name, as who looks for it reads it. */
export const LANGUAGE_NAMES: Readonly<Record<LanguageTag, string>> = { en: 'English', 'zh-CN': '简体中文' };
export const LANGUAGE_TAGS = Object.keys(DICTIONARIES) as LanguageTag[];
