import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { DICTIONARIES, type Dictionary, LANGUAGE_TAGS, type LanguageTag, type TextKey } from './dictionaries.js';

const STORED_AS = 'console-language';

/** What stands between braces in a text, by its name. */
export type TextValues = Readonly<Record<string, string | number>>;

export interface Language {
  readonly tag: LanguageTag;
  readonly choose: (tag: LanguageTag) => void;
  /** The text of a key, with its values put in. */
  readonly t: (key: TextKey, values?: TextValues) => string;
  /** The text of a code that the server sent; the code itself where this console does not know it. */
  readonly code: (family: string, code: string) => string;
}

const LanguageContext = createContext<Language | null>(null);

/** Puts values into a text: `{name}` becomes the value of `name`. */
export function fillIn(text: string, values: TextValues = {}): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language of last time, else the browser's, else English. */
export function firstLanguage(stored: string | null, wanted: readonly string[]): LanguageTag {
  const known = LANGUAGE_TAGS.find((tag) => tag === stored);
  if (known !== undefined) return known;
  return wanted.some((tag) => tag.toLowerCase().startsWith('zh')) && !wanted[0]?.toLowerCase().startsWith('en')
    ? 'zh-CN'
    : 'en';
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [tag, setTag] = useState(() => firstLanguage(localStorage.getItem(STORED_AS), navigator.languages));
  useEffect(() => {
    document.documentElement.lang = tag;
  }, [tag]);
  const language = useMemo<Language>(() => {
    const dictionary: Dictionary = DICTIONARIES[tag];
    return {
      tag,
      choose: (next) => {
        localStorage.setItem(STORED_AS, next);
        setTag(next);
      },
      t: (key, values) => fillIn(dictionary[key], values),
      code: (family, code) => {
        const key = `${family}.${code}`;
        return Object.hasOwn(dictionary, key) ? dictionary[key as TextKey] : code;
      },
    };
  }, [tag]);
  return <LanguageContext.Provider value={language}>{children}</LanguageContext.Provider>;
}

/** The language in use. @throws outside of a LanguageProvider */
export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (language === null) throw new Error('a text was asked for outside of a LanguageProvider');
  return language;
}
