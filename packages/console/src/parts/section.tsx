import { type ReactNode, useId } from 'react';
import { Group, Paper, Text, Title } from '@mantine/core';
import { CsvButton, type CsvSource, type OwnCsv } from './csv-button.js';

interface SectionProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly csv?: CsvSource | OwnCsv | undefined;
  readonly actions?: ReactNode;
  /** A table that may go over several pages of paper. */
  readonly long?: boolean;
  readonly children: ReactNode;
}

/** A part of a page with its heading, its CSV, and what else can be done with it. */
export function Section({ title, lead, csv, actions, long = false, children }: SectionProps) {
  const id = useId();
  return (
    <Paper withBorder p="sm" component="section" aria-labelledby={id} className={long ? 'long' : undefined}>
      <Group justify="space-between" align="flex-start" mb={6} gap="xs" className="head">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead !== undefined && (
            <Text size="xs" c="dimmed" component="div">
              {lead}
            </Text>
          )}
        </div>
        <Group gap={4} className="no-print">
          {actions}
          {csv !== undefined && <CsvButton source={csv} name={title} />}
        </Group>
      </Group>
      {children}
    </Paper>
  );
}
