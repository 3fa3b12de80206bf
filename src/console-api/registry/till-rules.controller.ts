import { Body, Controller, Get, HttpCode, Post, Query, type StreamableFile } from '@nestjs/common';
import { isProblem, type Problem, type TaxRate } from '@tax-control/protocol';
import type { ParametersHistory, ParametersVersion, TaxRateRow } from '@tax-control/protocol/console';
import { TillRuleActs } from '../../administration/till-rules.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import type { TillSettings } from '../../registry/till-settings.js';
import { CONSOLE_TAG, rowSchema, SIGNED_IN } from '../describe-answers.js';
import { FormatParameters } from '../query/format-parameters.js';
import { Queried } from '../query/queried.js';
import { describedAct, SETTING_MEMBERS } from './describe-registry.js';
import { ParametersBody, TaxRateBody, TaxRateRemovalBody } from './registry-bodies.js';
import { changedSettings, faultsOfLimits } from './settings-of-body.js';
import { TillRuleLists, wireVersion } from './till-rule-lists.js';

const VERSION = { type: 'ParametersVersion', members: ['version', 'publishedAt', 'settings'] };
const RATE_MEMBERS = ['category', 'rate', 'from', 'until'];
const RATE = { type: 'TaxRate', members: [...RATE_MEMBERS, 'levy'] };

@Listener('public')
@Controller('v1/console')
@Official()
export class TillRulesController {
  constructor(
    private readonly lists: TillRuleLists,
    private readonly acts: TillRuleActs,
  ) {}

  @Get('parameters')
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'The parameters of all tills, and what they were before',
    answer: { schema: rowSchema('ParametersHistory', ['current', 'versions']) },
    problems: SIGNED_IN,
  })
  readParameters(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: FormatParameters,
  ): Promise<ParametersHistory | StreamableFile | Problem> {
    return this.lists.parameters(official, query);
  }

  @Post('parameters')
  @Official('operator')
  @Describe(
    describedAct('Publish parameters; what is left out stays', [], VERSION, ['view_too_narrow'], SETTING_MEMBERS),
  )
  async publishParameters(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: ParametersBody,
  ): Promise<ParametersVersion | Problem> {
    const change = (present: TillSettings): TillSettings => changedSettings(present, body);
    const published = await this.acts.publish(official, change, faultsOfLimits(body));
    return isProblem(published) ? published : wireVersion(published.newest);
  }

  @Get('tax-rates')
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'All tax rates, past and future ones included',
    answer: {
      schema: { type: 'array', items: rowSchema('TaxRateRow', [...RATE_MEMBERS, 'levy', 'createdAt', 'removable']) },
    },
    problems: SIGNED_IN,
  })
  listTaxRates(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: FormatParameters,
  ): Promise<readonly TaxRateRow[] | StreamableFile | Problem> {
    return this.lists.taxRates(official, query);
  }

  @Post('tax-rates')
  @Official('operator')
  @Describe(describedAct('Add a tax rate', RATE_MEMBERS, RATE, ['view_too_narrow', 'rate_in_the_way'], ['levy']))
  async addTaxRate(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { category, rate, from, until, levy }: TaxRateBody,
  ): Promise<TaxRate | Problem> {
    const taxRate = { category, rate, from, until, ...(levy !== undefined && { levy }) };
    const added = await this.acts.addRate(official, taxRate);
    return isProblem(added) ? added : added.taxRate;
  }

  @Post('tax-rates/removals')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct('Take back a rate that is not in force anywhere yet', ['category', 'from'], { ...RATE, status: 200 }, [
      'view_too_narrow',
      'not_on_file',
      'rate_in_force',
    ]),
  )
  async removeTaxRate(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { category, from }: TaxRateRemovalBody,
  ): Promise<TaxRate | Problem> {
    const removed = await this.acts.removeRate(official, category, from);
    return isProblem(removed) ? removed : removed.taxRate;
  }
}
