import { Body, Controller, Get, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { Page, PremisesRow, RegionRow, TaxpayerRow } from '@tax-control/protocol/console';
import { ShopActs } from '../../administration/shops.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import type { Premises, PremisesDetails, Taxpayer } from '../../registry/taxpayers.js';
import { describedTable } from '../describe-answers.js';
import { ListParameters } from '../query/list-parameters.js';
import { PageParameters } from '../query/page-parameters.js';
import { Queried } from '../query/queried.js';
import { describedAct, PREMISES_MEMBERS } from './describe-registry.js';
import { PremisesBody, PremisesChangeBody, TaxpayerBody, TaxpayerChangeBody } from './registry-bodies.js';
import { ShopLists } from './shop-lists.js';

const CHANGE_MEMBERS = ['name', 'region', 'activity', 'address'];
const TAXPAYER = { type: 'Taxpayer', members: ['taxpayerId', 'name'] };

@Listener('public')
@Controller('v1/console')
@Official()
export class ShopsController {
  constructor(
    private readonly lists: ShopLists,
    private readonly acts: ShopActs,
  ) {}

  @Get('regions')
  @Describe(describedTable('List regions', 'RegionRow', ['region', 'premises']))
  listRegions(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<RegionRow> | StreamableFile> {
    return this.lists.regions(official, query);
  }

  @Get('taxpayers')
  @Describe(describedTable('List taxpayers', 'TaxpayerRow', ['taxpayerId', 'name', 'premises', 'terminals']))
  listTaxpayers(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ListParameters,
  ): Promise<Page<TaxpayerRow> | StreamableFile> {
    return this.lists.taxpayers(official, query);
  }

  @Post('taxpayers')
  @Official('operator')
  @Describe(describedAct('Add a taxpayer', TAXPAYER.members, TAXPAYER, ['view_too_narrow', 'exists_already']))
  addTaxpayer(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { taxpayerId, name }: TaxpayerBody,
  ): Promise<Taxpayer | Problem> {
    return this.acts.addTaxpayer(official, { taxpayerId, name });
  }

  @Post('taxpayers/:taxpayerId/changes')
  @Official('operator')
  @Describe(describedAct('Give a taxpayer another name', ['name'], TAXPAYER, ['view_too_narrow', 'not_on_file']))
  changeTaxpayer(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('taxpayerId') taxpayerId: string,
    @Body(Envelope) { name }: TaxpayerChangeBody,
  ): Promise<Taxpayer | Problem> {
    return this.acts.renameTaxpayer(official, { taxpayerId, name });
  }

  @Get('premises')
  @Describe(describedTable('List premises', 'PremisesRow', [...PREMISES_MEMBERS, 'timeZone', 'terminals']))
  listPremises(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ListParameters,
  ): Promise<Page<PremisesRow> | StreamableFile> {
    return this.lists.premises(official, query);
  }

  @Post('premises')
  @Official('operator')
  @Describe(
    describedAct('Add premises', PREMISES_MEMBERS, { type: 'Premises', members: PREMISES_MEMBERS }, [
      'view_too_narrow',
      'taxpayer_unknown',
      'exists_already',
    ]),
  )
  addPremises(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { premisesId, taxpayerId, name, region, activity, address }: PremisesBody,
  ): Promise<Premises | Problem> {
    return this.acts.addPremises(official, { premisesId, taxpayerId, name, region, activity, address });
  }

  @Post('premises/:premisesId/changes')
  @Official('operator')
  @Describe(
    describedAct('Correct premises', CHANGE_MEMBERS, { type: 'PremisesChange', members: CHANGE_MEMBERS }, [
      'view_too_narrow',
      'not_on_file',
    ]),
  )
  changePremises(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('premisesId') premisesId: string,
    @Body(Envelope) { name, region, activity, address }: PremisesChangeBody,
  ): Promise<PremisesDetails | Problem> {
    return this.acts.correctPremises(official, premisesId, { name, region, activity, address });
  }
}
