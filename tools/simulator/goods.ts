import type { LineDraft } from '@tax-control/protocol';
import type { Random } from './random.js';

export type Activity = 'grocery' | 'cafe' | 'clothing' | 'pharmacy' | 'hardware' | 'books';

interface Article {
  readonly name: string;
  /** Pence, tax included. */
  readonly price: number;
  readonly category: 'standard' | 'reduced' | 'zero';
}

const article = (name: string, price: number, category: Article['category'] = 'standard'): Article => ({
  name,
  price,
  category,
});

/** What shops of an activity sell, and how many lines an average receipt has. */
const RANGES: Readonly<Record<Activity, { readonly lines: number; readonly articles: readonly Article[] }>> = {
  grocery: {
    lines: 6,
    articles: [
      article('Bread, wholemeal', 145, 'zero'),
      article('Milk, 2 l', 165, 'zero'),
      article('Apples, 1 kg', 220, 'zero'),
      article('Cheddar, 350 g', 389, 'zero'),
      article('Orange juice', 199),
      article('Chocolate', 130),
      article('Washing powder', 650),
      article('Dog food', 475),
    ],
  },
  cafe: {
    lines: 2,
    articles: [
      article('Flat white', 340),
      article('Pot of tea', 290),
      article('Scone with jam', 360),
      article('Soup of the day', 595),
      article('Still water', 150),
    ],
  },
  clothing: {
    lines: 2,
    articles: [
      article('T-shirt', 1_599),
      article('Jeans', 4_500),
      article('Socks, three pairs', 799),
      article('Raincoat', 8_995),
      article('Children’s shoes', 3_250, 'zero'),
    ],
  },
  pharmacy: {
    lines: 2,
    articles: [
      article('Paracetamol', 125),
      article('Sun cream', 1_050),
      article('Mobility aid', 5_400, 'reduced'),
      article('Nicotine patches', 1_899, 'reduced'),
      article('Toothbrush', 345),
    ],
  },
  hardware: {
    lines: 3,
    articles: [
      article('Wood screws, box', 675),
      article('Paint, white, 5 l', 2_850),
      article('Drill bits', 1_295),
      article('Insulation roll', 3_400, 'reduced'),
      article('Work gloves', 595),
    ],
  },
  books: {
    lines: 1.6,
    articles: [
      article('Paperback novel', 899, 'zero'),
      article('Cookery book', 2_500, 'zero'),
      article('Map', 1_099, 'zero'),
      article('Fountain pen', 1_895),
      article('Notebook', 475),
    ],
  },
};

export const ACTIVITIES = Object.keys(RANGES) as Activity[];

/** In per cent; in force from long before. */
export const TAX_RATES = { standard: '20', reduced: '5', zero: '0' } as const;

/** The lines of one sale. */
export function basketOf(activity: Activity, random: Random): LineDraft[] {
  const { lines, articles } = RANGES[activity];
  return Array.from({ length: Math.max(1, random.count(lines)) }, () => {
    const { name, price, category } = random.pick(articles);
    const quantity = random.chance(0.8) ? 1 : random.whole(2, 4);
    return {
      type: 'goods',
      description: name,
      quantity: String(quantity),
      unitPrice: String(price),
      amount: quantity * price,
      taxCategory: category,
    } as const;
  });
}

/** The same goods with the other sign: a sale taken back, or a refund. */
export function takenBack(lines: readonly LineDraft[]): LineDraft[] {
  return lines.map((line) => ({
    ...line,
    quantity: line.quantity.startsWith('-') ? line.quantity.slice(1) : `-${line.quantity}`,
    amount: -(line.amount ?? 0),
  }));
}
