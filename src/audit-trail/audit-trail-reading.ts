import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { AuditTrailPage, AuditTrailQuery, AuditTrailRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { AuditTrail, type SignedIn } from './audit-trail.js';

/** Rows of a page where the query says nothing. */
const PAGE_SIZE = 50;
/** Rows asked for at once while all of them are wanted. */
const LARGE_PAGE_SIZE = 1_000;

interface TrailRow {
  readonly trail_id: string;
  readonly at: Date;
  readonly official_name: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly remote_address: string | null;
  readonly request_id: string | null;
}

/** What supervisors read of the audit trail. That they did is in it too, once for each search. */
@Injectable()
export class AuditTrailReading {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
  ) {}

  /** A page, newest first, found by its key and not by counting: the thousandth costs what the first does. */
  async read(supervisor: SignedIn, query: AuditTrailQuery): Promise<AuditTrailPage> {
    const { before, pageSize = PAGE_SIZE, ...filter } = query;
    if (before === undefined) await this.trail.record(supervisor, { action: 'audit_trail.read', facts: { ...filter } });
    return this.#page({ ...query, pageSize });
  }

  /** All rows that a query asks for, newest first, read while they are wanted; who asks for them is recorded by who calls. */
  async *all(query: Omit<AuditTrailQuery, 'before' | 'pageSize'>): AsyncGenerator<AuditTrailRow> {
    let page: AuditTrailPage = await this.#page({ ...query, pageSize: LARGE_PAGE_SIZE });
    yield* page.items;
    while (page.next !== null) {
      page = await this.#page({ ...query, pageSize: LARGE_PAGE_SIZE, before: page.next });
      yield* page.items;
    }
  }

  async #page(query: AuditTrailQuery & { readonly pageSize: number }): Promise<AuditTrailPage> {
    const { before = null, pageSize, ...filter } = query;
    const { official = null, action = null, subject = null, from = null, to = null } = filter;
    const { rows } = await this.pool.query<TrailRow>(
      `SELECT trail_id, at, official_name, action, subject, reason, facts, remote_address, request_id FROM audit_trail
       WHERE ($1::bigint IS NULL OR trail_id < $1) AND ($2::text IS NULL OR official_name = $2)
         AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR subject = $4)
         AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
       ORDER BY trail_id DESC LIMIT $7`,
      [before, official, action, subject, from, to, pageSize + 1],
    );
    const items = rows.slice(0, pageSize).map(fromRow);
    return { items, next: rows.length > pageSize ? (items.at(-1)?.trailId ?? null) : null };
  }
}

function fromRow(row: TrailRow): AuditTrailRow {
  return {
    trailId: row.trail_id,
    at: row.at.toISOString(),
    official: row.official_name,
    action: row.action,
    subject: row.subject,
    reason: row.reason,
    facts: row.facts,
    remoteAddress: row.remote_address,
    requestId: row.request_id,
  };
}
