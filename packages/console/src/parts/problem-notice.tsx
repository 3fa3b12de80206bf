import { Alert, Button, List, Text } from '@mantine/core';
import { ApiProblem } from '../api/client.js';
import { type Language, useLanguage } from '../i18n/language.js';
import { fieldFaultsOf } from './field-faults.js';

const NOT_THERE = 'not_found';
const FORBIDDEN = new Set(['role_missing', 'view_too_narrow']);

interface Words {
  readonly title: string;
  readonly detail: string;
}

/** A sentence of ours about a problem where there is one in the language, else the server's. */
function wordsOf({ problem, path }: ApiProblem, { t, code }: Language): Words {
  if (problem.code === NOT_THERE)
    return {
      title: t('problem.not_there'),
      detail: t('problem.not_there_detail', { path: path.split('?', 1)[0] ?? '' }),
    };
  if (FORBIDDEN.has(problem.code)) return { title: t('problem.forbidden'), detail: t('problem.forbidden_detail') };
  const own = (part: 'title' | 'remedy', fallback: string) => {
    const text = code('problem', `${problem.code}.${part}`);
    return text === `${problem.code}.${part}` ? fallback : text;
  };
  return { title: own('title', problem.title), detail: own('remedy', problem.detail) };
}

interface ProblemNoticeProps {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}

/** Says what was wrong and what to do about it. */
export function ProblemNotice({ error, retry }: ProblemNoticeProps) {
  const language = useLanguage();
  const { t } = language;
  const problem = error instanceof ApiProblem ? error.problem : null;
  const faults = fieldFaultsOf(error, language);
  const words =
    error instanceof ApiProblem
      ? wordsOf(error, language)
      : { title: t('problem.title'), detail: t('problem.network') };
  return (
    <Alert color="red" variant="light" title={words.title} role="alert" className="problem">
      <Text size="sm">{words.detail}</Text>
      {faults.length > 0 && (
        <List size="sm">
          {faults.map(({ members, name, text }) => (
            <List.Item key={`${members.join('/')} ${text}`}>
              {name}: {text}
            </List.Item>
          ))}
        </List>
      )}
      {problem?.requestId !== undefined && problem.status >= 500 && (
        <Text size="xs">{t('problem.request_id', { id: problem.requestId })}</Text>
      )}
      {retry !== undefined && (
        <Button variant="default" size="compact-sm" mt="xs" onClick={retry}>
          {t('problem.retry')}
        </Button>
      )}
    </Alert>
  );
}
