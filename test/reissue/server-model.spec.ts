import { assert, asyncModelRun, asyncProperty, commands } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishParameters } from '../issuance/office.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { BringBack, Drain, STEPS, THRESHOLD } from './model/commands.js';
import { Real } from './model/doors.js';
import { Model, TILLS } from './model/model.js';

/** `MODEL_RUNS=100` tries more orders; these take some seconds. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 15);
const COMMANDS_MAX = 30;
const LIMIT_MS = Math.max(240_000, RUNS * 10_000);
const ORDERS = commands<Model, Real, false>(STEPS, { maxCommands: COMMANDS_MAX, size: 'max' });

let ground: TestGround;
let server: TestServer;
beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground, { threshold: THRESHOLD });
  // On a busy machine an invoice may take longer than a till would wait: the model knows of no such answer.
  const environment = { ISSUANCE_ANSWER_TIMEOUT_MS: '60000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' };
  server = await startTestServer({ ground, environment });
});
afterAll(async () => {
  await server.stop();
  await ground.clear();
});

/** What the model says is what the server holds and finds. */
async function compare(model: Model, real: Real): Promise<void> {
  expect(await real.receipts()).toEqual(
    Object.fromEntries(model.onFile.map(({ invoice, given }) => [invoice.id, given])),
  );
  expect((await real.refused()).sort()).toEqual(model.refused.map(({ jws }) => jws).sort());
  expect((await real.findings()).sort()).toEqual(model.findings().sort());
}

it(
  'issues, refuses, forgets and takes back in any order, and holds and finds what a short model says',
  { timeout: LIMIT_MS },
  async () => {
    await assert(
      asyncProperty(ORDERS, async (order) => {
        const model = new Model();
        const real = await Real.open(server);
        try {
          await asyncModelRun(() => ({ model, real }), order);
          await compare(model, real);
          // And in the end nothing is missing but what no till can bring.
          for (let who = 0; who < TILLS; who += 1) {
            await new BringBack(who).run(model, real);
            while (model.waiting(who).length > 0) await new Drain(who, 'good').run(model, real);
          }
          expect(model.onFile).toHaveLength(model.made.length);
          await compare(model, real);
        } finally {
          await real.end();
        }
      }),
      { numRuns: RUNS },
    );
  },
);
