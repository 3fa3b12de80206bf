import { type BillingInterface, enrol, openTill } from '@tax-control/billing-interface';

/** Enrols a till in an empty directory and opens its billing interface. @throws with what the enrolment said */
export async function enrolTill(
  invitation: string,
  directory: string,
  softwareName: string,
): Promise<BillingInterface> {
  const outcome = await enrol({ invitation, directory });
  if (outcome.result !== 'enrolled') throw new Error(`A till could not enrol (${outcome.cause}): ${outcome.detail}`);
  return openTill({ directory, software: { name: softwareName, version: '1' } });
}
