import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import { isProblem, type Problem, type ProblemCode } from '@tax-control/protocol';
import type { OfficialRow, OfficialWithPassword } from '@tax-control/protocol/console';
import { OfficialActs } from '../../administration/officials.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { BodyLimit } from '../../http/route-options.js';
import { Accounts } from '../../officials/accounts.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import {
  DONE,
  itemsOf,
  OFFICIAL_CHANGE,
  OFFICIAL_DRAFT,
  OFFICIAL_ROW,
  OFFICIAL_WITH_PASSWORD,
} from '../../officials/descriptions.js';
import { ACCOUNT_BYTES_MAX, OfficialChangeEnvelope, OfficialDraftEnvelope } from '../../officials/envelopes.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { TableExports } from '../csv/table-exports.js';
import { FormatParameters } from '../query/format-parameters.js';
import { Queried } from '../query/queried.js';
import { OFFICIAL_COLUMNS } from './official-columns.js';

const TAG = 'Console: officials';
const ACCESS: readonly ProblemCode[] = ['sign_in_required', 'csrf_refused', 'role_missing'];

@Official('administrator')
@Listener('public')
@Controller('v1/console/officials')
export class OfficialsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly acts: OfficialActs,
    private readonly exports: TableExports,
  ) {}

  @Get()
  @Describe({
    tag: TAG,
    summary: 'All accounts, by name',
    description: 'With `format=csv` as CSV.',
    answer: { schema: itemsOf(OFFICIAL_ROW) },
    problems: ACCESS,
  })
  async list(
    @CurrentOfficial() administrator: SignedInOfficial,
    @Query(Queried) { isCsv }: FormatParameters,
  ): Promise<{ readonly items: readonly OfficialRow[] } | StreamableFile> {
    const items = await this.accounts.list();
    return isCsv ? this.exports.rows(administrator, 'officials', {}, OFFICIAL_COLUMNS, items) : { items };
  }

  @Get(':name')
  @Describe({
    tag: TAG,
    summary: 'One account',
    answer: { schema: OFFICIAL_ROW },
    problems: [...ACCESS, 'official_unknown'],
  })
  find(@Param('name') name: string): Promise<OfficialRow | Problem> {
    return this.accounts.find(name);
  }

  @Post()
  @BodyLimit(ACCOUNT_BYTES_MAX)
  @Describe({
    tag: TAG,
    summary: 'Add an account',
    description:
      'The answer bears a temporary password, which is told this once and must be changed at the first sign-in.',
    body: { schema: OFFICIAL_DRAFT },
    answer: { status: 201, schema: OFFICIAL_WITH_PASSWORD },
    problems: [...ACCESS, 'invalid_request', 'official_exists', 'view_not_allowed', 'server_busy'],
  })
  async add(
    @CurrentOfficial() administrator: SignedInOfficial,
    @Body(Envelope) draft: OfficialDraftEnvelope,
  ): Promise<OfficialWithPassword | Problem> {
    const password = await this.accounts.makePassword();
    if (isProblem(password)) return password;
    const added = await this.acts.add(administrator, draft, password);
    return isProblem(added) ? added : { official: added, temporaryPassword: password.text };
  }

  @Post(':name/changes')
  @HttpCode(200)
  @BodyLimit(ACCOUNT_BYTES_MAX)
  @Describe({
    tag: TAG,
    summary: 'Change roles, view or name of an account; disable or enable it',
    description: 'What changes counts from the next request on; disabling ends all sessions.',
    body: { schema: OFFICIAL_CHANGE },
    answer: { schema: OFFICIAL_ROW },
    problems: [...ACCESS, 'invalid_request', 'official_unknown', 'official_is_self', 'view_not_allowed'],
  })
  async change(
    @CurrentOfficial() administrator: SignedInOfficial,
    @Param('name') name: string,
    @Body(Envelope) change: OfficialChangeEnvelope,
  ): Promise<OfficialRow | Problem> {
    const changed = await this.acts.change(administrator, name, change);
    return isProblem(changed) ? changed : changed.official;
  }

  @Post(':name/password')
  @HttpCode(200)
  @Describe({
    tag: TAG,
    summary: 'Give an account a temporary password',
    description: 'Ends its sessions, and the delay after wrong passwords.',
    answer: { schema: OFFICIAL_WITH_PASSWORD },
    problems: [...ACCESS, 'official_unknown', 'official_is_self', 'server_busy'],
  })
  async reset(
    @CurrentOfficial() administrator: SignedInOfficial,
    @Param('name') name: string,
  ): Promise<OfficialWithPassword | Problem> {
    const password = await this.accounts.makePassword();
    if (isProblem(password)) return password;
    const reset = await this.acts.reset(administrator, name, password);
    return isProblem(reset) ? reset : { official: reset.official, temporaryPassword: password.text };
  }

  @Delete(':name/sessions')
  @HttpCode(200)
  @Describe({
    tag: TAG,
    summary: 'End all sessions of an account',
    answer: DONE,
    problems: [...ACCESS, 'official_unknown'],
  })
  async endSessions(
    @CurrentOfficial() administrator: SignedInOfficial,
    @Param('name') name: string,
  ): Promise<Problem | object> {
    const ended = await this.acts.endSessions(administrator, name);
    return isProblem(ended) ? ended : {};
  }
}
