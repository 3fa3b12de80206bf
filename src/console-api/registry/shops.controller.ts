import { Body, Controller, Get, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { Page, PremisesRow, RegionRow, TaxpayerRow } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import type { Premises, PremisesChange, Taxpayer } from '../../registry/taxpayers.js';
import { describedTable } from '../describe-answers.js';
import { ListParameters } from '../query/list-parameters.js';
import { PageParameters } from '../query/page-parameters.js';
import { Queried } from '../query/queried.js';
import { describedAct, PREMISES_MEMBERS } from './describe-registry.js';
import { PremisesBody, PremisesChangeBody, TaxpayerBody, TaxpayerChangeBody } from './registry-bodies.js';
import { ShopAdministration } from './shop-administration.js';

const CHANGE_MEMBERS = ['name', 'region', 'activity', 'address'];
const TAXPAYER = { type: 'Taxpayer', members: ['taxpayerId', 'name'] };

@Listener('public')
@Controller('v1/console')
@Official()
export class ShopsController {
  constructor(private readonly shops: ShopAdministration) {}

  @Get('regions')
  @Describe(describedTable('List regions', 'RegionRow', ['region', 'premises']))
  listRegions(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<RegionRow> | StreamableFile> {
    return this.shops.regions(official, query);
  }

  @Get('taxpayers')
  @Describe(describedTable('List taxpayers', 'TaxpayerRow', ['taxpayerId', 'name', 'premises', 'terminals']))
  listTaxpayers(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ListParameters,
  ): Promise<Page<TaxpayerRow> | StreamableFile> {
    return this.shops.taxpayers(official, query);
  }

  @Post('taxpayers')
  @Official('operator')
  @Describe(describedAct('Add a taxpayer', TAXPAYER.members, TAXPAYER, ['view_too_narrow', 'exists_already']))
  addTaxpayer(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { taxpayerId, name }: TaxpayerBody,
  ): Promise<Taxpayer | Problem> {
    return this.shops.addTaxpayer(official, { taxpayerId, name });
  }

  @Post('taxpayers/:taxpayerId/changes')
  @Official('operator')
  @Describe(describedAct('Give a taxpayer another name', ['name'], TAXPAYER, ['view_too_narrow', 'not_on_file']))
  changeTaxpayer(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('taxpayerId') taxpayerId: string,
    @Body(Envelope) { name }: TaxpayerChangeBody,
  ): Promise<Taxpayer | Problem> {
    return this.shops.renameTaxpayer(official, { taxpayerId, name });
  }

  @Get('premises')
  @Describe(describedTable('List premises', 'PremisesRow', [...PREMISES_MEMBERS, 'timeZone', 'terminals']))
  listPremises(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ListParameters,
  ): Promise<Page<PremisesRow> | StreamableFile> {
    return this.shops.premises(official, query);
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
    return this.shops.addPremises(official, { premisesId, taxpayerId, name, region, activity, address });
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
  ): Promise<Omit<PremisesChange, 'premisesId'> | Problem> {
    return this.shops.changePremises(official, premisesId, { name, region, activity, address });
  }
}
