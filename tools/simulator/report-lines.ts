import type { SimulateResult } from './simulate.js';

const WHO: Readonly<Record<string, string>> = {
  badClock: 'clock 37 minutes ahead',
  expiring: 'certificate expired in the middle',
  endingSoon: 'certificate about to end',
  gap: 'lost invoices: a gap in its counters',
  voider: 'voids far too much',
  learner: 'trained for two days',
};

/** What came of it, for a person. */
export function reportLines(result: SimulateResult, seconds: number, directory: string): string[] {
  const { days, tills, seed, from, to, outages, odd } = result;
  const until = to.slice(0, 'YYYY-MM-DDTHH:MM'.length);
  return [
    `${days} days of ${tills} tills, seed ${seed}, in ${seconds} s: from ${from.slice(0, until.length)} to ${until}, UTC.`,
    '',
    `  invoices       ${result.invoices}`,
    `  issued online  ${result.online}`,
    `  stored offline ${result.offline}, of which reissued ${result.reissued}, had their code already ${result.alreadyIssued}, still waiting ${result.stillWaiting}`,
    `  refused        ${result.refused}`,
    `  log entries    ${result.logEntries}`,
    '',
    ...outages.map(({ what, from: began, to: ended }) => `  outage         ${what}: ${began} to ${ended}`),
    ...Object.entries(odd).flatMap(([name, terminalId]) =>
      terminalId === null ? [] : [`  ${terminalId.padEnd(14)} ${WHO[name] ?? name}`],
    ),
    '',
    `It is in ${directory}; npm start shows it.`,
  ];
}
