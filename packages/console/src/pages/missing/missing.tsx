import { useState } from 'react';
import { Alert, Button, Stack } from '@mantine/core';
import {
  type DisputedCode,
  type HandedReceipt,
  type Missing,
  MISSING_KINDS,
  type MissingCounts,
  type MissingKind,
  type Page,
  type UnheardSinceRestore,
} from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useMay, useSession } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { AddressTabs } from '../../parts/tabs.js';
import { filterQuery, pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { inGroups } from '../invoices/invoice-columns.js';
import { Closings } from './closings.js';
import { ExcuseForm, Excuses } from './excuses.js';
import { missingKey, useMissingColumns } from './missing-table.js';
import { ReceiptForm } from './receipt-form.js';
import { SettleForm } from './settle-form.js';

const PATH = '/missing';
/** Where a customer's receipt may account for what is missing. */
const WITH_RECEIPTS: ReadonlySet<MissingKind> = new Set(['gap', 'unheard_since_restore', 'known_by_receipt']);

/** What an operator can decide, row by row. */
const WITH_ACTS: ReadonlySet<MissingKind> = new Set(['disputed_code', 'unheard_since_restore']);

/** What should be on file and is not, by what it is. */
export default function MissingPage() {
  const { t, tag, code } = useLanguage();
  const { fullName } = useSession();
  const { parameters, one } = useAddressState();
  const zone = useZone();
  const may = useMay();
  const [taking, setTaking] = useState(false);
  const [settling, setSettling] = useState<DisputedCode | null>(null);
  const [excusing, setExcusing] = useState<UnheardSinceRestore | null>(null);
  const [taken, setTaken] = useState<HandedReceipt | null>(null);
  const kind = MISSING_KINDS.find((name) => name === one('kind')) ?? 'gap';
  const { region, taxpayerId, premisesId, terminalId } = filterQuery(parameters);
  const filter = { region, taxpayerId, premisesId, terminalId };
  const counts = useReport<MissingCounts>(`${PATH}/counts`, filter);
  const query = { ...filter, kind };
  const missing = useReport<Page<Missing>>(PATH, { ...query, ...pageQuery(pageOf(parameters)) });
  const act: ColumnOf<Missing> = {
    heading: t('column.actions'),
    cell: (row) =>
      row.kind === 'disputed_code' ? (
        <RowButton text={t('disputes.settle')} of={inGroups(row.code)} act={() => setSettling(row)} />
      ) : (
        row.kind === 'unheard_since_restore' && (
          <RowButton text={t('excuses.excuse')} of={row.terminalId} act={() => setExcusing(row)} />
        )
      ),
  };
  const known = useMissingColumns(zone);
  const columns = WITH_ACTS.has(kind) && may('operator') ? [...known, act] : known;
  const title = code('missing.kind', kind);
  return (
    <>
      <PageHead title={t('missing.title')} lead={t('missing.lead')} printedBy={fullName} zone={zone} />
      <FilterBar placesOnly />
      <Stack gap="sm" mt="sm">
        <AddressTabs
          label={t('missing.title')}
          member="kind"
          value={kind}
          tabs={MISSING_KINDS.map((name) => {
            const count = counts.data?.[name];
            return {
              name,
              text: code('missing.kind', name),
              count: count === undefined ? undefined : formatCount(count, tag),
            };
          })}
        />
        {taken !== null && (
          <Alert color="green" variant="light" role="status">
            {t(taken.isCheck && taken.result === 'taken_in' ? 'receipts.checked' : `receipts.${taken.result}`, {
              code: inGroups(taken.facts.code),
            })}
          </Alert>
        )}
        <Section
          title={title}
          csv={{ path: PATH, query }}
          long
          actions={
            may('operator') &&
            WITH_RECEIPTS.has(kind) && (
              <Button size="compact-sm" variant="default" onClick={() => setTaking(true)}>
                {t('receipts.take_in')}
              </Button>
            )
          }
        >
          <Answer of={missing}>
            {(page) => <PagedTable caption={title} page={page} columns={columns} keyOf={missingKey} />}
          </Answer>
        </Section>
        {kind === 'silent_terminal' && <Closings zone={zone} />}
        {kind === 'unheard_since_restore' && <Excuses zone={zone} />}
      </Stack>
      <ExcuseForm terminal={excusing} close={() => setExcusing(null)} />
      <SettleForm dispute={settling} close={() => setSettling(null)} />
      <ReceiptForm opened={taking} close={() => setTaking(false)} done={setTaken} />
    </>
  );
}

function RowButton({ text, of, act }: { readonly text: string; readonly of: string; readonly act: () => void }) {
  return (
    <Button variant="default" size="compact-xs" aria-label={`${text} ${of}`} onClick={act}>
      {text}
    </Button>
  );
}
