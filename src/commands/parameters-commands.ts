import { type Clock, isProblem, type Problem } from '@tax-control/protocol';
import type { TillSettings } from '../registry/till-settings.js';
import { several, wholeNumber, yesOrNo } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, misused, type NotDone, type Outcome, refused } from './outcome.js';

interface SetOptions {
  readonly address?: readonly string[];
  readonly verificationUrl?: string;
  readonly threshold?: number;
  readonly deadlineMs?: number;
  readonly offlineHours?: number;
  readonly offlineInvoices?: number;
  readonly offlineSales?: number;
  readonly atLimit?: TillSettings['offlineAtLimit'];
  readonly timeZone?: string;
  readonly premisesTimeZone?: readonly string[];
  readonly cashRoundingMax?: readonly string[];
  readonly suspendedMaySell?: boolean;
}

/** The option of each setting, for messages. */
const OPTION_OF: Readonly<Record<keyof TillSettings, string>> = {
  addresses: '--address',
  verificationUrl: '--verification-url',
  threshold: '--threshold',
  deadlineMs: '--deadline-ms',
  offlineHoursMax: '--offline-hours',
  offlineInvoicesMax: '--offline-invoices',
  offlineSalesMax: '--offline-sales',
  offlineAtLimit: '--at-limit',
  timeZone: '--time-zone',
  premisesTimeZones: '--premises-time-zone',
  cashRoundingMax: '--cash-rounding-max',
  suspendedMaySell: '--suspended-may-sell',
};

/** `tax-control parameters …` */
export const parametersCommands: CommandGroup = (program, perform, clock) => {
  const parameters = program.command('parameters').description('decide what tills are told, and show or export it');

  parameters
    .command('set')
    .description('publish a new version; what is left out stays as it is')
    .option('--address <url>', 'terminal listener, https://host:port; several in order of preference', several)
    .option('--verification-url <url>', 'public listener, where customers check receipts')
    .option('--threshold <number>', 'offline invoices that one online transaction may carry', wholeNumber)
    .option('--deadline-ms <milliseconds>', 'how long a sale waits for its code', wholeNumber)
    .option('--offline-hours <hours>', 'limit of hours since the first unreported invoice', wholeNumber)
    .option('--offline-invoices <number>', 'limit of waiting invoices', wholeNumber)
    .option('--offline-sales <sum>', 'limit of the sum of waiting sales, in the smallest unit', wholeNumber)
    .option('--at-limit <what>', 'warn or stop: what a till does at an offline limit')
    .option('--time-zone <name>', 'time zone of the premises, e.g. Europe/London: tills take days and offsets from it')
    .option(
      '--premises-time-zone <premises=name>',
      'premises in another zone than --time-zone; several; premises= takes theirs away again',
      several,
    )
    .option(
      '--cash-rounding-max <currency=sum>',
      'largest sum of cash rounding, in the smallest unit, where it is not the customary one; several; CHF= takes it away again',
      several,
    )
    .option('--suspended-may-sell <yes|no>', 'whether a suspended or revoked till may go on signing', yesOrNo)
    .addHelpText(
      'after',
      `
Example:
  tax-control parameters set --address https://tills.example.org:8443 --verification-url https://check.example.org`,
    )
    .action(perform((options: SetOptions) => set(options, clock)));

  parameters
    .command('show')
    .description('show the newest version')
    .addHelpText('after', '\nExample:\n  tax-control parameters show --json')
    .action(perform(show));

  parameters
    .command('export')
    .description('write the signed document that tills take, to be brought to them by hand')
    .option('--out <file>', 'where to write it; standard output, if left out')
    .addHelpText(
      'after',
      `
Needs the keys (KEYS_DIRECTORY), because the document is signed.

Example:
  tax-control parameters export --out parameters.jws`,
    )
    .action(perform((options: ExportOptions) => exportDocument(options, clock)));
};

async function set(options: SetOptions, clock: Clock): Promise<Outcome> {
  const zones = pairsOf(options.premisesTimeZone ?? []);
  if (zones === null)
    return misused('--premises-time-zone takes PREMISES=ZONE, e.g. --premises-time-zone azores-1=Atlantic/Azores.');
  const roundings = pairsOf(options.cashRoundingMax ?? []);
  if (roundings === null) return misused('--cash-rounding-max takes CURRENCY=SUM, e.g. --cash-rounding-max CHF=4.');
  const changes = changesOf(options);
  if (Object.keys(changes).length + zones.size + roundings.size === 0)
    return misused('Name at least one setting to change. See --help.');
  const { withActs } = await import('./acts.js');
  const { TillRuleActs } = await import('../administration/till-rules.js');
  const { unknownPremises } = await import('../registry/taxpayers.js');
  return withActs(clock, async ({ pool, actor, acts }) => {
    // Told here, because the same command is right once they are registered; the act judges again.
    const named = [...zones].filter(([, zone]) => zone !== '').map(([premises]) => premises);
    const unknown = await unknownPremises(pool, named);
    if (unknown.length > 0)
      return refused(
        `There are no premises ${unknown.join(', ')}. See: tax-control premises list, and premises add. Nothing was published.`,
      );
    const published = await new TillRuleActs(acts).publish(actor, (present) =>
      Object.assign(present, changes, {
        premisesTimeZones: merged(present.premisesTimeZones, zones),
        cashRoundingMax: sums(merged(present.cashRoundingMax, roundings)),
      }),
    );
    if (isProblem(published)) return faultyOptions(published);
    const { newest, isNew } = published;
    const text = isNew
      ? `Published as version ${newest.version} of the parameters.`
      : `Nothing is different from version ${newest.version} of the parameters, so nothing was published.`;
    return done({ version: newest.version, published: isNew }, text);
  });
}

/** Every rule that the settings would break, by its option. */
async function faultyOptions({ errors = [] }: Problem): Promise<NotDone> {
  const { pointerOf } = await import('../registry/wire-settings.js');
  const options = new Map(Object.entries(OPTION_OF).map(([setting, option]) => [pointerOf(setting), option]));
  return misused(errors.map(({ pointer, detail }) => `${options.get(pointer) ?? pointer} ${detail}`).join('; ') + '.');
}

/** What was written as NAME=VALUE, by name; an empty value takes it away. Null: not written so. */
function pairsOf(texts: readonly string[]): ReadonlyMap<string, string> | null {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    if (at < 1) return null;
    pairs.set(text.slice(0, at), text.slice(at + 1));
  }
  return pairs;
}

function merged<T>(
  present: Readonly<Record<string, T>>,
  changes: ReadonlyMap<string, string>,
): Record<string, T | string> {
  const all = new Map<string, T | string>([...Object.entries(present), ...changes]);
  return Object.fromEntries([...all].filter(([, value]) => value !== ''));
}

/** Texts that are no whole number stay, for the rule that refuses them. */
function sums(pairs: Readonly<Record<string, number | string>>): Record<string, number | string> {
  const read = (value: number | string): number | string => (/^\d+$/.test(String(value)) ? Number(value) : value);
  return Object.fromEntries(Object.entries(pairs).map(([currency, value]) => [currency, read(value)]));
}

function changesOf(options: SetOptions): Partial<TillSettings> {
  const all = {
    addresses: options.address,
    verificationUrl: options.verificationUrl,
    threshold: options.threshold,
    deadlineMs: options.deadlineMs,
    offlineHoursMax: options.offlineHours,
    offlineInvoicesMax: options.offlineInvoices,
    offlineSalesMax: options.offlineSales,
    offlineAtLimit: options.atLimit,
    timeZone: options.timeZone,
    suspendedMaySell: options.suspendedMaySell,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function described(value: TillSettings[keyof TillSettings]): string {
  if (value === null) return '-';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.join(', ');
  return Object.entries(value)
    .map(([name, one]) => `${name} ${one}`)
    .join(', ');
}

const NOT_PUBLISHED = refused(
  'No parameters were published yet. Publish them: tax-control parameters set --address URL --verification-url URL',
);

async function show(): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { readNewestVersion } = await import('../registry/parameters-store.js');
  return withDatabase(async (pool) => {
    const newest = await readNewestVersion(pool);
    if (newest === null) return NOT_PUBLISHED;
    const { version, publishedAt, settings, taxRates } = newest;
    return done(
      { version, publishedAt, settings, taxRates },
      [
        `version ${version}, published ${publishedAt.toISOString()}`,
        ...(Object.entries(settings) as [string, TillSettings[keyof TillSettings]][]).map(
          ([name, value]) => `${name}: ${described(value)}`,
        ),
        `tax rates: ${taxRates.length} (tax-control tax-rate list)`,
      ].join('\n'),
    );
  });
}

interface ExportOptions {
  readonly out?: string;
}

async function exportDocument({ out }: ExportOptions, clock: Clock): Promise<Outcome> {
  const { readKeysSettings } = await import('../configuration/read-settings.js');
  const { DirectoryCustody } = await import('../keys/directory-custody.js');
  const { KeyRing } = await import('../keys/key-ring.js');
  const { withDatabase } = await import('./operator-database.js');
  const { Parameters, ParametersMissing } = await import('../registry/parameters.js');
  const keys = new KeyRing(new DirectoryCustody(readKeysSettings().directory), clock);
  return withDatabase(async (pool) => {
    try {
      const { version, jws } = await new Parameters(pool, keys).signedDocument();
      if (out === undefined) return done({ version, parameters: jws }, jws);
      const { writeFile } = await import('node:fs/promises');
      // An error of the file system must not be taken for one of the database.
      const fault = await writeFile(out, `${jws}\n`).then(
        () => null,
        ({ code = 'unknown' }: NodeJS.ErrnoException) => code,
      );
      if (fault !== null) return refused(`The file ${out} cannot be written (${fault}). Name another with --out.`);
      return done({ version, file: out }, `Wrote version ${version} of the parameters to ${out}.`);
    } catch (error) {
      if (error instanceof ParametersMissing) return NOT_PUBLISHED;
      throw error;
    }
  });
}
