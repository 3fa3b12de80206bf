import { describe, expect, it } from 'vitest';
import { LIMITS } from '@tax-control/protocol';
import { memoryFault, planSentence } from './memory-fault.js';
import { memoryOfProcess, planMemory } from './memory-plan.js';

const MIB = 1_048_576;
const SETTINGS = {
  issuance: { listInvoicesMax: 64, listsInFlightMax: 2, queueInvoicesMax: 2_000, answerMs: 3_000, readingThreads: 1 },
  database: {
    url: '',
    poolSize: 10,
    reportsPoolSize: 5,
    migratedFurther: 'refuse',
    connectTimeoutMs: 3_000,
    statementTimeoutMs: 10_000,
  },
} as const;

describe('planMemory', () => {
  it.each([512, 768, 1_024, 2_048, 16_384])('keeps the sum of all bounds below %d MiB', (mib) => {
    const plan = planMemory(SETTINGS, mib * MIB);
    expect(plan.sumBytes).toBeLessThanOrEqual(mib * MIB);
    expect(plan.missingBytes).toBe(0);
    expect(plan.bodiesBytes).toBeGreaterThanOrEqual(3 * LIMITS.requestBytesMax);
  });

  it('has no room for evidence files where tills would lack it, and says how much is missing', () => {
    const small = planMemory(SETTINGS, 512 * MIB);
    expect(small.evidenceMissingBytes).toBeGreaterThan(0);
    const enough = small.availableBytes + small.evidenceMissingBytes;
    expect(planMemory(SETTINGS, enough - 1)).toMatchObject({ evidenceMissingBytes: 1, workBytes: small.workBytes });
    const plan = planMemory(SETTINGS, enough);
    expect(plan.evidenceMissingBytes).toBe(0);
    expect(plan.workBytes).toBeGreaterThan(small.workBytes);
    expect(plan.sumBytes).toBeLessThanOrEqual(enough);
    expect(plan.connectionsMax).toBeGreaterThanOrEqual(small.connectionsMax);
    expect(planSentence(small)).toContain(
      `no evidence files for officials: it would need ${Math.ceil(enough / MIB)} MiB`,
    );
    expect(planSentence(plan)).toContain('an evidence file');
  });

  it('writes evidence files with what docker-compose.yml gives a server', () => {
    expect(planMemory(SETTINGS, 768 * MIB).evidenceMissingBytes).toBe(0);
  });

  it('says how much is missing where the least does not fit', () => {
    const { missingBytes, sumBytes, bodiesBytes } = planMemory(SETTINGS, 256 * MIB);
    expect(missingBytes).toBe(sumBytes - 256 * MIB);
    expect(missingBytes).toBeGreaterThan(0);
    expect(bodiesBytes).toBe(3 * LIMITS.requestBytesMax);
  });

  it('tells what is missing and what to do, and nothing where all fits', () => {
    expect(memoryFault(planMemory(SETTINGS, 512 * MIB))).toBeNull();
    expect(planSentence(planMemory(SETTINGS, 512 * MIB))).toMatch(/has 512 MiB of memory, and takes \d+ MiB at most/);
    expect(memoryFault(planMemory(SETTINGS, 256 * MIB))).toMatchObject({
      seen: expect.stringContaining('256 MiB'),
      advice: expect.stringContaining('READING_THREADS'),
    });
  });

  it('counts what the settings ask for', () => {
    const wide = { ...SETTINGS, issuance: { ...SETTINGS.issuance, readingThreads: 16 } };
    expect(planMemory(wide, 512 * MIB).missingBytes).toBeGreaterThan(0);
  });

  it('finds the memory of this process', () => {
    expect(memoryOfProcess()).toBeGreaterThan(64 * MIB);
  });
});
