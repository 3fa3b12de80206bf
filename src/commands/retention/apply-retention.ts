import type { Pool, PoolClient } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { readRetentionSettings } from '../../configuration/read-settings.js';
import { inTransaction } from '../../database/transaction.js';
import { countDueHandedBodies, removeHandedBodies } from '../../handed-journals/retention.js';
import { type ContentMonth, listDueMonths } from '../../ledger/retention/content-months.js';
import { countDueRefusedBodies, removeRefusedBodies } from '../../ledger/retention/refused-bodies.js';
import { dropDetached, type Removal, removeMonth, TaxDiffers } from '../../ledger/retention/remove-month.js';
import { countDueTrail, cutTrail } from '../../audit-trail/trail-retention.js';
import { listHolds } from '../../registry/legal-holds.js';
import { tellProgress } from '../fleet/progress.js';
import { withDatabase } from '../operator-database.js';
import { done, type Outcome, refused } from '../outcome.js';
import { recordCommand } from '../record-command.js';
import { table } from '../table.js';
import { readCutoff } from './cutoff.js';

export interface ApplyOptions {
  readonly confirm?: string;
  readonly drop?: boolean;
}

/** What is due, or was removed. */
interface Plan {
  readonly cutoff: string;
  readonly months: readonly ContentMonth[];
  readonly refusedInvoices: number;
  readonly trailEntries: number;
  readonly heldTaxpayers: readonly string[];
}

/** `retention apply`: each month in a transaction of its own, so that what is interrupted goes on where it stopped. */
export function applyRetention({ confirm, drop = false }: ApplyOptions, clock: Clock): Promise<Outcome> {
  const { contentYears, auditTrailYears } = readRetentionSettings();
  return withDatabase(async (pool) => {
    const plan = await makePlan(pool, contentYears, auditTrailYears);
    if (confirm === undefined) return planned(plan);
    if (confirm !== plan.cutoff)
      return refused(
        `--confirm ${confirm} is not the day that CONTENT_RETENTION_YEARS=${contentYears} gives, which is ${plan.cutoff}. ` +
          'Nothing was removed. See what would go: tax-control retention apply',
      );
    return remove(pool, plan, { auditTrailYears, drop }, clock).catch((error: unknown) => {
      if (error instanceof TaxDiffers) return refused(error.message);
      throw error;
    });
  });
}

async function makePlan(pool: Pool, contentYears: number, auditTrailYears: number): Promise<Plan> {
  const cutoff = await readCutoff(pool, contentYears);
  const holds = await listHolds(pool);
  return {
    cutoff,
    months: await listDueMonths(pool, cutoff),
    refusedInvoices: (await countDueRefusedBodies(pool, cutoff)) + (await countDueHandedBodies(pool, cutoff)),
    trailEntries: await countDueTrail(pool, auditTrailYears),
    heldTaxpayers: [...new Set(holds.filter((one) => one.releasedAt === null).map(({ taxpayerId }) => taxpayerId))],
  };
}

function planned(plan: Plan): Outcome {
  const { cutoff, months, refusedInvoices, trailEntries, heldTaxpayers } = plan;
  const lines = [
    `What came before ${cutoff} would be removed, and the ledger would stay:`,
    table(
      ['MONTH', 'INVOICES (ABOUT)', 'BYTES'],
      months.map((one) => [one.month.slice(0, 'YYYY-MM'.length), String(one.invoices), String(one.bytes)]),
    ),
    `Bytes of refused invoices: ${refusedInvoices}. Entries of the audit trail: ${trailEntries}.`,
    heldTaxpayers.length === 0
      ? 'No legal hold is in force.'
      : `Kept for legal holds: everything of ${heldTaxpayers.join(', ')}, and the whole audit trail.`,
    `Nothing was removed. To remove it, under the log-in of the migrator: tax-control retention apply --confirm ${cutoff}`,
  ];
  return done({ ...plan, removed: false }, lines.join('\n'));
}

async function remove(
  pool: Pool,
  plan: Plan,
  { auditTrailYears, drop }: { readonly auditTrailYears: number; readonly drop: boolean },
  clock: Clock,
): Promise<Outcome> {
  const { cutoff } = plan;
  const removals: Removal[] = [];
  const progress = tellProgress('Months removed:', plan.months.length);
  for (const { month } of plan.months) {
    removals.push(await alone(pool, (client) => removeAndRecord(client, month, drop, clock.now())));
    progress(removals.length);
  }
  const rest = await alone(pool, async (client) => {
    const refusedInvoices = (await removeRefusedBodies(client, cutoff)) + (await removeHandedBodies(client, cutoff));
    const trailEntries = await cutTrail(client, auditTrailYears);
    const dropped = drop ? await dropDetached(client) : [];
    if (trailEntries > 0)
      await recordCommand(client, { action: 'audit_trail.cut', subject: cutoff, facts: { entries: trailEntries } });
    if (refusedInvoices + dropped.length > 0)
      await recordCommand(client, {
        action: 'content.removed',
        subject: cutoff,
        facts: { invoices: 0, held: 0, refusedInvoices, dropped },
      });
    return { refusedInvoices, trailEntries, dropped };
  });
  const result = { cutoff, removed: true, removals, ...rest, heldTaxpayers: plan.heldTaxpayers };
  return done(result, linesOf(result).join('\n'));
}

async function removeAndRecord(client: PoolClient, month: string, drop: boolean, nowMs: number): Promise<Removal> {
  const removal = await removeMonth(client, { month, isDropped: drop, nowMs });
  const { invoices, held } = removal;
  await recordCommand(client, {
    action: 'content.removed',
    subject: month,
    facts: { invoices, held, refusedInvoices: 0, dropped: drop ? [month] : [] },
  });
  return removal;
}

/** No hold can be placed meanwhile, and nothing is cut short: a month of a country takes its time. */
function alone<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, async (client) => {
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('retention'))`);
    return work(client);
  });
}

function linesOf(result: {
  readonly removals: readonly Removal[];
  readonly refusedInvoices: number;
  readonly trailEntries: number;
  readonly dropped: readonly string[];
}): string[] {
  const { removals, refusedInvoices, trailEntries, dropped } = result;
  const detached = removals.filter(({ detachedTable }) => detachedTable !== null);
  return [
    table(
      ['MONTH', 'REMOVED', 'HELD', 'NOW IN'],
      removals.map((one) => [
        one.month.slice(0, 'YYYY-MM'.length),
        String(one.invoices),
        String(one.held),
        one.detachedTable ?? '(deleted)',
      ]),
    ),
    `Bytes of refused invoices removed: ${refusedInvoices}. Entries of the audit trail removed: ${trailEntries}.`,
    ...(dropped.length === 0 ? [] : [`Deleted of earlier calls: ${dropped.join(', ')}.`]),
    ...(detached.length === 0
      ? []
      : [
          'What is detached is still on the disk. Dump it if you keep an archive, then delete it: the same with --drop',
        ]),
  ];
}
