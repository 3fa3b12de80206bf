/** A view resolved to premises: their ids, possibly none, or all that there are and will be. Every query takes it. */
export type VisiblePremises = 'all' | readonly string[];

/** Whether an official sees some premises, by id. */
export function sees(visible: VisiblePremises, premisesId: string): boolean {
  return visible === 'all' || visible.includes(premisesId);
}
