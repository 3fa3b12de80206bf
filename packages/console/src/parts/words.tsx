import type { ReactNode } from 'react';
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { formatInstant } from '../format/format.js';
import { useLanguage } from '../i18n/language.js';

/** Small pieces that many tables show alike. */

interface InstantProps {
  readonly at: string | null;
  readonly zone: string;
  readonly to?: 'second' | 'minute';
}

export function Instant({ at, zone, to = 'second' }: InstantProps) {
  const { tag } = useLanguage();
  return at === null ? (
    <>{formatInstant(null, tag, zone)}</>
  ) : (
    <time dateTime={at}>{formatInstant(at, tag, zone, to)}</time>
  );
}

export function TerminalLink({ terminalId }: { readonly terminalId: string }) {
  return (
    <Anchor component={Link} to={`/terminals/${encodeURIComponent(terminalId)}`} size="sm">
      {terminalId}
    </Anchor>
  );
}

export function InvoiceLink(props: {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly text?: string;
}) {
  const { terminalId, invoiceId, text = invoiceId } = props;
  return (
    <Anchor
      component={Link}
      to={`/invoices/${encodeURIComponent(terminalId)}/${encodeURIComponent(invoiceId)}`}
      size="sm"
      className="mono"
    >
      {text}
    </Anchor>
  );
}

/** Where a till stands: the shop's name, and under it its id. */
export function Place({ name, premisesId }: { readonly name: string; readonly premisesId: string }) {
  return (
    <div className="place">
      {name}
      <Text size="xs" c="dimmed" component="div" className="tight">
        {premisesId}
      </Text>
    </div>
  );
}

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A state: a dot of its colour beside its word, so that no colour has to be seen. */
export function Dot({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`dot tight ${tone}`}>
      <span>{children}</span>
    </span>
  );
}

/** Pairs of a name and what is known of it. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>])}
    </dl>
  );
}
