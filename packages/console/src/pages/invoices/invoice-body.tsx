import { Alert, Anchor, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { InvoiceView, JudgedWarning } from '@tax-control/protocol/console';
import { formatInstant, formatMoney } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Section } from '../../parts/section.js';
import { Facts, Instant, Place, TerminalLink } from '../../parts/words.js';
import { inGroups } from './invoice-columns.js';
import { InvoiceLines, InvoicePayments, InvoiceTaxes } from './invoice-contents.js';
import { Verification } from './verification.js';
import { warningInWords } from './warning-words.js';

interface InvoiceBodyProps {
  readonly invoice: InvoiceView;
  readonly zone: string;
  readonly reason: string;
}

/** All that is known of one invoice, from what was sold to the bytes that were signed. */
export function InvoiceBody({ invoice, zone, reason }: InvoiceBodyProps) {
  const { t, tag, code } = useLanguage();
  const { payload, contentRemovedAt } = invoice;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <Section title={t('terminal.facts')}>
          <Facts
            facts={[
              [
                t('invoices.code'),
                <span key="code" className="mono">
                  {inGroups(invoice.code)}
                </span>,
              ],
              [t('invoices.number'), invoice.number],
              [t('invoices.type'), `${code('type', invoice.type)}, ${code('kind', invoice.kind)}`],
              [t('invoices.total'), formatMoney(invoice.total, invoice.currency, tag)],
              [t('invoices.sold'), <Instant key="sold" at={invoice.issuedAt} zone={zone} />],
              [t('invoices.registered'), <Instant key="registered" at={invoice.registeredAt} zone={zone} />],
              [t('column.door'), code('door', invoice.door)],
              [
                t('column.premises'),
                <Place key="premises" name={invoice.premisesName} premisesId={invoice.premisesId} />,
              ],
              [t('column.taxpayer'), invoice.taxpayerId],
              [t('column.terminal'), <TerminalLink key="terminal" terminalId={invoice.terminalId} />],
              [
                t('missing.journal'),
                <span key="journal" className="mono">
                  {invoice.journalId}
                </span>,
              ],
              [t('invoices.counter'), String(invoice.counter)],
              [t('invoice.business_day'), payload?.businessDay ?? ''],
              [t('invoice.cashier'), payload?.cashier ?? ''],
              [t('invoice.software'), payload === null ? '' : `${payload.software.name} ${payload.software.version}`],
            ]}
          />
          {invoice.warningList.length > 0 && (
            <Alert color="orange" variant="light" mt="sm" title={t('invoices.warnings')}>
              <List size="sm">
                {invoice.warningList.map((warning) => (
                  <List.Item key={warning.code}>
                    {code('warning', warning.code)}: <WarningDetail warning={warning} zone={zone} />
                  </List.Item>
                ))}
              </List>
            </Alert>
          )}
          <Related invoice={invoice} reason={reason} />
        </Section>
        <Verification checks={invoice.checks} />
      </SimpleGrid>
      {payload === null ? (
        <Alert color={contentRemovedAt === null ? 'red' : 'gray'}>
          {contentRemovedAt === null
            ? t('invoice.no_content')
            : t('invoice.content_removed', { at: formatInstant(contentRemovedAt, tag, zone) })}
        </Alert>
      ) : (
        <>
          <InvoiceLines payload={payload} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
            <InvoiceTaxes payload={payload} />
            <InvoicePayments payload={payload} />
          </SimpleGrid>
        </>
      )}
      {invoice.buyerWithheld && <Alert color="gray">{t('invoice.buyer_withheld')}</Alert>}
      <Bytes title={t('invoice.signed_bytes')} lead={t('invoice.signed_hint')} text={invoice.signed} />
      <Bytes title={t('invoice.payload')} text={invoice.payloadText} />
      <Bytes title={t('invoice.digest')} text={invoice.digest} />
      <Bytes title={t('invoice.receipt')} text={invoice.signedReceipt} />
      <Bytes title={t('invoice.certificate')} text={invoice.signerCertificate} />
    </Stack>
  );
}

/** What a warning says; in the server's own words where this console does not know it. */
function WarningDetail({ warning, zone }: { readonly warning: JudgedWarning; readonly zone: string }) {
  const said = warningInWords(warning, useLanguage(), zone);
  return said === null ? <span lang="en">{warning.detail}</span> : <>{said}</>;
}

/** Bytes exactly as they are on file. */
function Bytes({
  title,
  lead,
  text,
}: {
  readonly title: string;
  readonly lead?: string;
  readonly text: string | null;
}) {
  if (text === null) return null;
  return (
    <Section title={title} lead={lead}>
      <pre className="bytes mono" tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </Section>
  );
}

function Related({ invoice, reason }: { readonly invoice: InvoiceView; readonly reason: string }) {
  const { t, code } = useLanguage();
  if (invoice.related.length === 0) return null;
  return (
    <>
      <Text size="sm" fw={600} mt="sm">
        {t('invoice.related')}
      </Text>
      <List size="sm">
        {invoice.related.map(({ relation, terminalId, invoiceId, code: digits }) => {
          const name = digits === null ? `${terminalId} ${invoiceId}` : inGroups(digits);
          return (
            <List.Item key={`${relation} ${name}`}>
              {code('relation', relation)}{' '}
              {terminalId === null || invoiceId === null ? (
                <span className="mono">{name}</span>
              ) : (
                <Anchor
                  component={Link}
                  to={`/invoices/${encodeURIComponent(terminalId)}/${encodeURIComponent(invoiceId)}`}
                  state={{ reason }}
                  size="sm"
                  className="mono"
                >
                  {name}
                </Anchor>
              )}
            </List.Item>
          );
        })}
      </List>
    </>
  );
}
