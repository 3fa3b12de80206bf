import type { LocalInstallation } from '../local/start-local.js';

/** What tills of the bench are told, and the rates of their invoices. */
export async function publishParameters(local: LocalInstallation): Promise<void> {
  const { terminals, public: verification } = local.addresses;
  await local.control('parameters', 'set', '--address', terminals, '--verification-url', verification);
  for (const [category, rate] of Object.entries({ standard: '20', reduced: '5' }))
    await local.control('tax-rate', 'add', category, '--rate', rate, '--from', '2000-01-01');
}
