import { Body, Controller, Get, HttpCode, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import { isProblem, type Problem } from '@tax-control/protocol';
import type {
  CertificateRevoked,
  ExcusedTerminal,
  InvitationShown,
  Page,
  TerminalPage,
  TerminalRow,
  TerminalStatusName,
  TimelineItem,
} from '@tax-control/protocol/console';
import { type InvitationOrder, type MadeInvitation, TerminalActs } from '../../administration/terminals.js';
import { Settings } from '../../configuration/settings.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { KeyRing } from '../../keys/key-ring.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { CONSOLE_TAG, describedTable, rowSchema, SIGNED_IN } from '../describe-answers.js';
import { TerminalParameters } from '../query/list-parameters.js';
import { Queried } from '../query/queried.js';
import { ReportParameters } from '../query/report-parameters.js';
import { TableParameters } from '../query/table-parameters.js';
import { describedAct } from '../registry/describe-registry.js';
import { CertificateRevocationBody, ReasonBody, StatusBody, TerminalBody } from '../registry/registry-bodies.js';
import { TERMINAL_COLUMNS, TerminalLists } from './terminal-lists.js';
import { TerminalPages } from './terminal-pages.js';
import { Timelines } from './timelines.js';

const ROW_MEMBERS = TERMINAL_COLUMNS.map(({ heading }) => heading);
const INVITATION = { type: 'InvitationShown', members: ['terminalId', 'invitation', 'expiresAt'] };

@Listener('public')
@Controller('v1/console/terminals')
@Official()
export class TerminalsController {
  constructor(
    private readonly lists: TerminalLists,
    private readonly pages: TerminalPages,
    private readonly timelines: Timelines,
    private readonly acts: TerminalActs,
    private readonly keys: KeyRing,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Describe(describedTable('List terminals', 'TerminalRow', ROW_MEMBERS))
  list(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: TerminalParameters,
  ): Promise<Page<TerminalRow> | StreamableFile> {
    return this.lists.list(official, query);
  }

  @Post()
  @Official('operator')
  @Describe(
    describedAct('Register a terminal; its invitation is shown once', ['terminalId', 'premisesId'], INVITATION, [
      'premises_unknown',
      'exists_already',
      'parameters_missing',
    ]),
  )
  async register(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { terminalId, premisesId }: TerminalBody,
  ): Promise<InvitationShown | Problem> {
    const made = await this.acts.registerOne(official, { terminalId, premisesId }, this.#order());
    return isProblem(made) ? made : shown(made);
  }

  @Get(':terminalId')
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'One terminal',
    description: 'Backlog, missing counters, certificates, journals, parameters, software. CSV: `table=` one of these.',
    answer: { schema: rowSchema('TerminalPage', [...ROW_MEMBERS, 'certificates', 'journals', 'backlog', 'missing']) },
    problems: [...SIGNED_IN, 'not_on_file', 'table_unknown'],
  })
  read(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Query(Queried) query: TableParameters,
  ): Promise<TerminalPage | StreamableFile | Problem> {
    return this.pages.read(official, terminalId, query);
  }

  @Get(':terminalId/timeline')
  @Describe(describedTable('What happened at a terminal', 'TimelineItem', ['at', 'kind']))
  readTimeline(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Query(Queried) query: ReportParameters,
  ): Promise<Page<TimelineItem> | StreamableFile | Problem> {
    return this.timelines.timeline(official, terminalId, query);
  }

  @Post(':terminalId/invitations')
  @Official('operator')
  @Describe(
    describedAct('Make a new invitation; it is shown once, and an open one ends', ['reason'], INVITATION, [
      'not_on_file',
      'status_change_not_allowed',
      'parameters_missing',
    ]),
  )
  async invite(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Body(Envelope) { reason }: ReasonBody,
  ): Promise<InvitationShown | Problem> {
    const made = await this.acts.invite(official, terminalId, reason, this.#order());
    return isProblem(made) ? made : shown(made);
  }

  @Post(':terminalId/status')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct(
      'Suspend, resume or revoke a terminal',
      ['status', 'reason'],
      { type: 'TerminalStatus', members: ['terminalId', 'status'], status: 200 },
      ['not_on_file', 'status_change_not_allowed'],
    ),
  )
  async setStatus(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Body(Envelope) { status, reason }: StatusBody,
  ): Promise<{ readonly terminalId: string; readonly status: TerminalStatusName } | Problem> {
    const change = await this.acts.setStatus(official, terminalId, status, reason);
    return isProblem(change) ? change : { terminalId, status };
  }

  @Post(':terminalId/excuses')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct(
      'Wait for a terminal no longer that has not said, since a restore, that all it holds is on file',
      ['reason'],
      { type: 'ExcusedTerminal', members: ['result', 'excuse'], status: 200 },
      ['not_on_file', 'terminal_not_waited_for'],
    ),
  )
  excuse(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Body(Envelope) { reason }: ReasonBody,
  ): Promise<ExcusedTerminal | Problem> {
    return this.acts.excuse(official, terminalId, reason);
  }

  @Post(':terminalId/certificates/:thumbprint/revocations')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct(
      'Revoke one certificate, for ever, and with `descendants` what was renewed from it',
      ['reason'],
      { type: 'CertificateRevoked', members: ['terminalId', 'thumbprint', 'revoked', 'inForce'], status: 200 },
      ['not_on_file'],
      ['descendants'],
    ),
  )
  revokeCertificate(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('terminalId') terminalId: string,
    @Param('thumbprint') thumbprint: string,
    @Body(Envelope) body: CertificateRevocationBody,
  ): Promise<CertificateRevoked | Problem> {
    return this.acts.revokeCertificate(official, terminalId, thumbprint, body);
  }

  #order(): InvitationOrder {
    const { invitationDays: validDays } = this.settings.enrolment;
    return { addresses: null, caDigest: this.keys.issuingCa().digest, validDays };
  }
}

function shown({ terminalId, invitation, expiresAt }: MadeInvitation): InvitationShown {
  return { terminalId, invitation, expiresAt };
}
