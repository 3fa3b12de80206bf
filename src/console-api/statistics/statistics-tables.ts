import type {
  AttemptPoint,
  CauseCount,
  CausePoint,
  CurrencyFigures,
  Durations,
  Failures,
  Figure,
  HeatCell,
  InvoicePoint,
  MoneyFigure,
  Overview,
  ShareFigure,
  TaxFigures,
  TerminalFailures,
  TurnoverPoint,
  WarningCount,
} from '@tax-control/protocol/console';
import type { Cell } from '../csv/cell.js';
import { columns, type Column, table } from '../csv/table.js';

interface NamedFigure {
  readonly name: string;
  readonly figure: Figure | ShareFigure | MoneyFigure;
}

/** Headings of a figure: itself, and what it is compared to. */
function compared<Row>(figureOf: (row: Row) => Figure | ShareFigure | MoneyFigure): readonly Column<Row>[] {
  return (['value', 'before', 'sameWeekday'] as const).map((heading) => ({
    heading,
    cell: (row: Row): Cell => figureOf(row)[heading],
  }));
}

const CAUSE_COLUMNS = [
  ...columns<CauseCount>('cause', 'group'),
  ...compared<CauseCount>(({ count }) => count),
  ...columns<CauseCount>(['notTried', ({ notTried }) => notTried.value]),
];
const CAUSE_POINT_COLUMNS = columns<CausePoint>('start', 'cause', 'group', 'count', 'notTried');
const WARNING_COLUMNS = [...columns<WarningCount>('warning'), ...compared<WarningCount>(({ count }) => count)];

/** Each cause at each step, with zero where it did not occur: whoever draws the table has a place for every step. */
function everyStep(points: readonly CausePoint[], starts: readonly string[]): CausePoint[] {
  const causes = new Map(points.map(({ cause, group }) => [cause, group]));
  const known = new Map(points.map((point) => [`${point.start} ${point.cause}`, point]));
  return starts.flatMap((start) =>
    [...causes].map(
      ([cause, group]) => known.get(`${start} ${cause}`) ?? { start, cause, group, count: 0, notTried: 0 },
    ),
  );
}

/** Every figure of the overview as a row. */
function figuresOf({ attempts, invoices }: Overview): NamedFigure[] {
  return [...Object.entries(attempts.figures), ...Object.entries(invoices.figures)].map(([name, figure]) => ({
    name,
    figure: figure as Figure | ShareFigure,
  }));
}

interface MoneyRow extends NamedFigure {
  readonly currency: string;
}

function moneyOf({ invoices }: Overview): MoneyRow[] {
  return invoices.money.flatMap(({ currency, taxes: _taxes, ...figures }: CurrencyFigures) =>
    Object.entries(figures).map(([name, figure]) => ({ currency, name, figure })),
  );
}

interface TaxRow extends Pick<TaxFigures, 'category' | 'rate'>, MoneyRow {}

function taxesOf({ invoices }: Overview): TaxRow[] {
  return invoices.money.flatMap(({ currency, taxes }) =>
    taxes.flatMap(({ category, rate, base, amount }) => [
      { currency, category, rate, name: 'base', figure: base },
      { currency, category, rate, name: 'amount', figure: amount },
    ]),
  );
}

interface DurationRow extends Durations {
  readonly name: string;
}

function durationsOf({ attempts, invoices }: Overview): DurationRow[] {
  const named = [...Object.entries(attempts.durations), ['saleToCode', invoices.saleToCode] as const];
  return named.map(([name, durations]) => ({ name, ...(durations as Durations) }));
}

const figureColumn = compared<NamedFigure>(({ figure }) => figure);

/** The tables of the overview, by the names under which they can be had as CSV; the first is the stacked chart. */
export const OVERVIEW_TABLES = [
  table<Overview, AttemptPoint>(
    'series',
    ({ attempts }) => attempts.series,
    columns<AttemptPoint>(
      'start',
      'end',
      'attempts',
      'issuedOnline',
      'storedOffline',
      'reissued',
      'alreadyIssued',
      'refused',
      'deferred',
      'failed',
      'notAuthenticated',
      'notTried',
    ),
  ),
  table<Overview, NamedFigure>('figures', figuresOf, [...columns<NamedFigure>('name'), ...figureColumn]),
  table<Overview, CauseCount>('causes', ({ attempts }) => attempts.causes, CAUSE_COLUMNS),
  table<Overview, CausePoint>(
    'causeSeries',
    ({ attempts }) =>
      everyStep(
        attempts.causeSeries,
        attempts.series.map(({ start }) => start),
      ),
    CAUSE_POINT_COLUMNS,
  ),
  table<Overview, InvoicePoint>(
    'invoiceSeries',
    ({ invoices }) => invoices.series,
    columns<InvoicePoint>('start', 'end', 'online', 'reissued', 'refused'),
  ),
  table<Overview, MoneyRow>('money', moneyOf, [...columns<MoneyRow>('currency', 'name'), ...figureColumn]),
  table<Overview, TaxRow>('taxes', taxesOf, [
    ...columns<TaxRow>('currency', 'category', 'rate', 'name'),
    ...figureColumn,
  ]),
  table<Overview, TurnoverPoint>(
    'turnover',
    ({ invoices }) => invoices.turnoverSeries,
    columns<TurnoverPoint>('start', 'currency', 'turnover', 'refunds', 'voids'),
  ),
  table<Overview, WarningCount>('warnings', ({ invoices }) => invoices.warnings, WARNING_COLUMNS),
  table<Overview, DurationRow>(
    'durations',
    durationsOf,
    columns<DurationRow>('name', 'count', 'medianMs', 'p95Ms', 'maxMs', 'errorShare'),
  ),
];

const causesInWords = ({ causes }: TerminalFailures): string =>
  causes.map(({ cause, count }) => `${cause} ${count}`).join(', ');

/** The tables of the failures' page. */
export const FAILURE_TABLES = [
  table<Failures, CauseCount>('causes', ({ causes }) => causes, CAUSE_COLUMNS),
  table<Failures, CausePoint>(
    'causeSeries',
    ({ causeSeries, steps }) => everyStep(causeSeries, steps),
    CAUSE_POINT_COLUMNS,
  ),
  table<Failures, TerminalFailures>(
    'terminals',
    ({ topTerminals }) => topTerminals,
    columns<TerminalFailures>(
      'terminalId',
      'premisesId',
      'premisesName',
      'region',
      'taxpayerId',
      'attempts',
      'failures',
      'notTried',
      ['causes', causesInWords],
    ),
  ),
  table<Failures, HeatCell>(
    'heatMap',
    ({ heatMap }) => heatMap,
    columns<HeatCell>('weekday', 'hour', 'attempts', 'failures'),
  ),
  table<Failures, WarningCount>('warnings', ({ warnings }) => warnings, WARNING_COLUMNS),
];
