import { createContext, type ReactNode, useContext } from 'react';
import { CONSOLE_LIMITS, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@tax-control/protocol/console';
import { ApiProblem } from '../api/client.js';
import { memberName } from '../format/member-words.js';
import { type Language, useLanguage } from '../i18n/language.js';

/** What the server said is wrong with a member of what was sent, in words of the language. */
export interface FieldFault {
  /** Steps of its pointer: `['view', 'regions']`. */
  readonly members: readonly string[];
  /** What the member is called. */
  readonly name: string;
  readonly text: string;
}

const BOUNDS = {
  reasonMin: CONSOLE_LIMITS.reasonLengthMin,
  reasonMax: CONSOLE_LIMITS.reasonLengthMax,
  passwordMin: PASSWORD_LENGTH_MIN,
  passwordMax: PASSWORD_LENGTH_MAX,
} as const;

/** First step of a call's address behind the root: which kind of thing it was about. */
function resourceOf(path: string): string {
  return path.split('?', 1)[0]?.split('/')[3] ?? '';
}

/**
 * The faults of a refused call. The server's own sentence is for whoever calls it by a program: what is said here is chosen by the member, more
 * exactly by resource and member where the language has words for that, and by `.named` where it quotes names behind a colon. These are kept.
 */
export function fieldFaultsOf(error: unknown, language: Language): readonly FieldFault[] {
  if (!(error instanceof ApiProblem)) return [];
  const { t, code } = language;
  return (error.problem.errors ?? []).map(({ pointer, detail }) => {
    const members = pointer.split('/').filter((step) => step !== '' && !/^\d+$/.test(step));
    const last = members.at(-1) ?? '';
    const names = detail.split(': ').slice(1).join(': ');
    const keys = [`${resourceOf(error.path)}.${last}`, last, members[0] ?? ''];
    const said = [...(names === '' ? [] : keys.map((key) => `${key}.named`)), ...keys]
      .map((key) => ({ key, text: code('field_fault', key) }))
      .find(({ key, text }) => key !== text);
    return {
      members,
      name: memberName(last, language),
      text: said === undefined ? t('field_fault.other') : fill(said.text, { ...BOUNDS, names }),
    };
  });
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const FaultsContext = createContext<readonly FieldFault[]>([]);

/** Around the fields of a form: each finds in it what was wrong with it when it was sent last. */
export function FieldFaults({ error, children }: { readonly error: unknown; readonly children: ReactNode }) {
  const language = useLanguage();
  return <FaultsContext.Provider value={fieldFaultsOf(error, language)}>{children}</FaultsContext.Provider>;
}

/** What is wrong with a field; null: nothing is known to be. */
export function useFieldFault(member: string): string | null {
  return useContext(FaultsContext).find(({ members }) => members.includes(member))?.text ?? null;
}

/** A field that is no {@link TextField}, given what is wrong with it. */
export function Field({
  member,
  children,
}: {
  readonly member: string;
  readonly children: (error: string | null) => ReactNode;
}) {
  return children(useFieldFault(member));
}
