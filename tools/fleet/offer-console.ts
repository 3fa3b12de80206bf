import type { LocalInstallation } from '../local/start-local.js';

/** A way into the officials' console. */
export interface ConsoleOffer {
  readonly address: string;
  readonly name: string;
  /** Valid for the first sign-in only: it asks for another one. */
  readonly temporaryPassword: string;
}

const NAME = 'demo';
const ROLES = ['operator', 'administrator', 'supervisor'].flatMap((role) => ['--role', role]);

/** Makes an account that sees and may do everything, as `tax-control official add` does for the first administrator. @throws ControlFailure */
export async function offerConsole(local: Pick<LocalInstallation, 'control' | 'addresses'>): Promise<ConsoleOffer> {
  const answer = await local.control('official', 'add', NAME, '--full-name', 'Demo Official', ...ROLES);
  const password: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'temporaryPassword') : undefined;
  if (typeof password !== 'string') throw new Error('tax-control official add printed no temporary password');
  return { address: `${local.addresses.public}/console`, name: NAME, temporaryPassword: password };
}

/** What a person needs of it. */
export function offerLines({ address, name, temporaryPassword }: ConsoleOffer): string[] {
  return [
    `The officials' console  ${address}   (the certificate is a self-made one: the browser will ask)`,
    `sign in as              ${name}`,
    `temporary password      ${temporaryPassword}   (the first sign-in asks for another one)`,
    '',
    'Everything stays up until Ctrl-C.',
  ];
}
