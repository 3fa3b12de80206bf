import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Invoice, InvoiceLine, InvoiceTax } from '../invoice/invoice-schema.js';
import { groupLines } from '../invoice/line-groups.js';
import { taxShares } from '../invoice/tax-arithmetic.js';
import { uuidV7 } from '../uuid.js';

/** Rates that made invoices use, in per cent. */
const RATES: Readonly<Record<string, string>> = { standard: '20', reduced: '5', zero: '0' };

const GOODS = [
  { description: 'WHITE HANGING HEART T-LIGHT HOLDER', code: '85123A', unitPrice: '255', taxCategory: 'standard' },
  { description: 'KNITTED UNION FLAG HOT WATER BOTTLE', code: '84029G', unitPrice: '339', taxCategory: 'standard' },
  { description: 'SET 7 BABUSHKA NESTING BOXES', code: '22752', unitPrice: '765', taxCategory: 'standard' },
  { description: 'RECIPE BOX WITH METAL HEART', code: '22960', unitPrice: '425', taxCategory: 'reduced' },
] as const;

/** A valid line; the index decides which goods and how many. */
export function makeLine(index = 0): InvoiceLine {
  const goods = GOODS[index % GOODS.length] ?? GOODS[0];
  const count = (index % 6) + 1;
  return { type: 'goods', quantity: String(count), amount: count * Number(goods.unitPrice), ...goods };
}

/**
 * A valid invoice: schema and arithmetic hold. Lines given decide taxes, total and payments, unless those are
 * given, too; whatever is given is taken as it is, so one override makes one fault. Rates: standard 20, reduced 5, zero 0.
 */
export function makeInvoice(overrides: Partial<Invoice> = {}): Invoice {
  const lines = overrides.lines ?? [makeLine(0), makeLine(3)];
  const priceBasis = overrides.priceBasis ?? 'gross';
  const taxes = overrides.taxes ?? taxesOf(lines, priceBasis);
  const rounding = lines.reduce((sum, { type, amount }) => (type === 'rounding' ? sum + amount : sum), 0);
  const total = overrides.total ?? taxes.reduce((sum, tax) => sum + partOfTotal(tax), rounding);
  const counter = overrides.counter ?? 1;
  return {
    schemaVersion: 1,
    id: uuidV7(Date.now()),
    taxpayerId: 'taxpayer-1',
    premisesId: 'premises-1',
    terminalId: 'terminal-1',
    journalId: '0b7c1a52-6d1e-4c0f-9a55-3f1f0a4f6e01',
    counter,
    previousDigest: counter === 1 ? null : 'A'.repeat(43),
    type: 'normal',
    kind: 'sale',
    number: `R-${counter}`,
    issuedAt: '2026-11-22T18:05:00.000+01:00',
    clockOffsetMs: 12,
    clockOffsetAgeSeconds: 300,
    businessDay: '2026-11-22',
    cashier: 'Anna',
    software: { name: 'Example till', version: '1.0.0' },
    currency: 'GBP',
    priceBasis,
    lines,
    taxes,
    total,
    payments: [{ method: 'cash', amount: total }],
    ...overrides,
  };
}

/** A valid invoice of so many lines (the average of real ones is 21). */
export function makeInvoiceOfLines(count: number, overrides: Partial<Invoice> = {}): Invoice {
  return makeInvoice({ lines: Array.from({ length: count }, (_, index) => makeLine(index)), ...overrides });
}

/** The base of a tax has its taxed levies in it. */
function partOfTotal({ base, amount, levy }: InvoiceTax): number {
  return (levy === undefined ? base : 0) + (levy === 'taxed' ? 0 : amount);
}

function taxesOf(lines: readonly InvoiceLine[], priceBasis: Invoice['priceBasis']): InvoiceTax[] {
  return groupLines(lines).map(({ category, sum, rate = RATES[category] ?? '0' }) => {
    const { base, amount } = taxShares(BigInt(sum), { rate }, [], priceBasis);
    return { category, rate, base: Number(base), amount: Number(amount) };
  });
}

/** A key pair on P-256 and a thumbprint that stands in for its certificate's, for tests that need no certificate. */
export interface TestSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly thumbprint: string;
}

/** A new key pair, as {@link TestSigner}. */
export function makeSigner(): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, publicKey, thumbprint: createHash('sha256').update(der).digest('base64url') };
}
