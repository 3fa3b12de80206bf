import type { LocalInstallation } from '../local/start-local.js';

/** One taxpayer with one place of business and its tills. */
export interface ShopPlan {
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
  readonly terminalIds: readonly string[];
}

/** What the operator hands to the shop for one till. */
export interface InvitedTill {
  readonly terminalId: string;
  readonly invitation: string;
}

type Control = Pick<LocalInstallation, 'control'>;

/**
 * Registers a shop as an operator would, by the tax-control command. Parameters must be published before: invitations name
 * their addresses.
 * @throws ControlFailure
 */
export async function registerShop(local: Control, plan: ShopPlan): Promise<InvitedTill[]> {
  await local.control('taxpayer', 'add', plan.taxpayerId, '--name', plan.taxpayerName);
  const { premisesId, premisesName, region, activity, address } = plan;
  const place = ['--name', premisesName, '--region', region, '--activity', activity, '--address', address];
  await local.control('premises', 'add', premisesId, '--taxpayer', plan.taxpayerId, ...place);
  const tills: InvitedTill[] = [];
  for (const terminalId of plan.terminalIds) {
    const answer = await local.control('terminal', 'register', terminalId, '--premises', plan.premisesId);
    tills.push({ terminalId, invitation: memberOf(answer, 'invitation') });
  }
  return tills;
}

/** What tills are told, as far as tools decide it; the rest stays as the operators' command has it. */
export interface TillPolicy {
  readonly address: string;
  readonly verificationUrl: string;
  readonly threshold?: number;
}

/** Publishes parameters. @throws ControlFailure */
export async function publishParameters(local: Control, policy: TillPolicy): Promise<void> {
  const threshold = policy.threshold === undefined ? [] : ['--threshold', String(policy.threshold)];
  const { address, verificationUrl } = policy;
  await local.control('parameters', 'set', '--address', address, '--verification-url', verificationUrl, ...threshold);
}

/** Adds a tax rate that is open at its end. @param rate per cent, as decimal string @throws ControlFailure */
export async function addTaxRate(local: Control, category: string, rate: string, from: string): Promise<void> {
  await local.control('tax-rate', 'add', category, '--rate', rate, '--from', from);
}

/** The threshold that is in force, as the operators' command tells it. */
export async function readThreshold(local: Control): Promise<number> {
  const shown = await local.control('parameters', 'show');
  const settings = typeof shown === 'object' && shown !== null && 'settings' in shown ? shown.settings : null;
  if (
    typeof settings === 'object' &&
    settings !== null &&
    'threshold' in settings &&
    Number.isInteger(settings.threshold)
  )
    return Number(settings.threshold);
  throw new Error('tax-control parameters show names no threshold');
}

function memberOf(answer: unknown, member: string): string {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, member) : undefined;
  if (typeof value !== 'string') throw new Error(`tax-control printed no ${member}`);
  return value;
}
