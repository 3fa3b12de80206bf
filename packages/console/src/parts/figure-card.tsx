import { Paper, Text } from '@mantine/core';
import { changeOf, formatChange } from '../format/format.js';
import { useLanguage } from '../i18n/language.js';

/** What more of a figure means: colour of its change. */
export type Meaning = 'more_is_good' | 'more_is_bad' | 'neither';

interface FigureCardProps {
  readonly name: string;
  /** As it is read. */
  readonly text: string;
  readonly value: number | null;
  readonly before: number | null;
  readonly sameWeekday: number | null;
  readonly meaning?: Meaning;
  /** Shares change by points, not by per cent of themselves; the difference is told then. */
  readonly isShare?: boolean;
  readonly long?: boolean;
}

function toneOf(change: number, meaning: Meaning): string {
  if (change === 0 || meaning === 'neither') return '';
  return change > 0 === (meaning === 'more_is_good') ? 'good' : 'bad';
}

/** One key figure with its change against the period before and against the same weekdays. */
export function FigureCard(props: FigureCardProps) {
  const { name, text, value, before, sameWeekday, meaning = 'neither', isShare = false, long = false } = props;
  const { t, tag } = useLanguage();
  const line = (key: 'overview.change_before' | 'overview.change_weekday', compared: number | null) => {
    if (value === null || compared === null) return null;
    const change = isShare ? value - compared : changeOf(value, compared);
    if (change === null) return null;
    const said = isShare
      ? `${new Intl.NumberFormat(tag, { signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(change * 100)} ${t('overview.points')}`
      : formatChange(change, tag);
    const [lead = '', rest = ''] = t(key, { change: '\u0000' }).split('\u0000');
    return (
      <Text size="xs" c="dimmed" key={key}>
        {lead}
        <span className={toneOf(change, meaning)}>{said}</span>
        {rest}
      </Text>
    );
  };
  return (
    <Paper withBorder p="xs" px="sm" role="group" aria-label={name}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <div className={long ? 'figure-value long' : 'figure-value'}>{text}</div>
      {line('overview.change_before', before)}
      {line('overview.change_weekday', sameWeekday)}
    </Paper>
  );
}
