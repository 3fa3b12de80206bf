import type { NestApplicationContext } from '@nestjs/core';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { judgeClock, measureClock } from './database/clock.js';
import { DATABASE_POOL } from './database/database.module.js';
import { faultText } from './database/fault.js';
import { judgeValidity } from './keys/judge-validity.js';
import { TerminalListener } from './keys/terminal-listener.js';

/**
 * What is wrong and does not keep a server from starting: it goes on with a clock that is off (no sale waits for a clock), and with a
 * certificate that ran out, so that a new one can be put in its place while it runs. Each a sentence or two with what to do.
 */
export async function startWarnings(application: Pick<NestApplicationContext, 'get'>): Promise<string[]> {
  const clock = application.get(Clock);
  return [
    ...(await clockWarnings(application.get<Pool>(DATABASE_POOL), clock)),
    ...certificateWarnings(application.get(TerminalListener), new Date(clock.now())),
  ];
}

async function clockWarnings(pool: Pool, clock: Clock): Promise<string[]> {
  try {
    return judgeClock(await measureClock(pool, clock)).map(faultText);
  } catch {
    // The database was there a moment ago: its outage is told where it matters.
    return [];
  }
}

function certificateWarnings(listener: TerminalListener, now: Date): string[] {
  return listener.list().flatMap((entry) => {
    const validity = judgeValidity(entry, now);
    return validity === null || validity.state === 'valid' ? [] : [faultText(validity)];
  });
}
