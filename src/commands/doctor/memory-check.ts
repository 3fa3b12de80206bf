import { memoryFault, planSentence } from '../../configuration/memory-fault.js';
import { planMemory } from '../../configuration/memory-plan.js';
import { check, failed, ok } from './check.js';

/** Whether all that the server bounds fits into the memory that it has: run where the server runs, in its control group. */
export const memoryCheck = check({
  name: 'memory',
  needs: ['settings'],
  look: ({ settings }) => {
    const plan = planMemory(settings);
    const fault = memoryFault(plan);
    return [fault === null ? ok(planSentence(plan)) : failed(fault.seen, fault.advice)];
  },
});
