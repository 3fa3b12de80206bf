import type { InvoiceKind, InvoiceLine, InvoicePayment, InvoiceType } from '@tax-control/protocol';

/** Languages of a receipt (BCP 47). */
export const RECEIPT_LANGUAGES = ['en', 'zh-CN'] as const;
export type ReceiptLanguage = (typeof RECEIPT_LANGUAGES)[number];

/** Everything that a receipt says in its own words. */
export interface ReceiptWords {
  readonly testEnvironment: string;
  readonly notFiscal: string;
  readonly reprint: string;
  readonly titles: Readonly<Record<InvoiceKind, string>>;
  readonly types: Readonly<Record<Exclude<InvoiceType, 'normal'>, string>>;
  readonly lineTypes: Readonly<Record<InvoiceLine['type'], string>>;
  readonly payments: Readonly<Record<InvoicePayment['method'], string>>;
  readonly taxpayer: string;
  readonly premises: string;
  readonly terminal: string;
  readonly number: string;
  readonly counter: string;
  readonly soldAt: string;
  readonly businessDay: string;
  readonly cashier: string;
  readonly buyer: string;
  readonly buyerTaxId: string;
  readonly original: string;
  readonly reason: string;
  readonly corrects: string;
  readonly discount: string;
  readonly total: string;
  readonly change: string;
  readonly forfeited: string;
  readonly taxIncluded: string;
  readonly taxAdded: string;
  readonly taxOf: string;
  readonly code: string;
  readonly registeredAt: string;
  readonly codePending: string;
  readonly codePendingNote: string;
  readonly signatureMark: string;
  readonly check: string;
}

const english: ReceiptWords = {
  testEnvironment: '** TEST - NOT A REAL RECEIPT **',
  notFiscal: 'NOT A FISCAL RECEIPT',
  reprint: 'Reprint',
  titles: { sale: 'SALE', refund: 'REFUND', void: 'VOID' },
  types: { advance: 'Advance payment', training: 'Training', proforma: 'Proforma', copy: 'Copy' },
  lineTypes: {
    goods: 'Goods',
    deposit: 'Deposit',
    voucher: 'Voucher',
    tip: 'Tip',
    discount: 'Discount',
    rounding: 'Rounding',
  },
  payments: { cash: 'Cash', card: 'Card', transfer: 'Transfer', voucher: 'Voucher', credit: 'Credit', other: 'Other' },
  taxpayer: 'Taxpayer',
  premises: 'Premises',
  terminal: 'Terminal',
  number: 'Number',
  counter: 'Counter',
  soldAt: 'Time',
  businessDay: 'Business day',
  cashier: 'Cashier',
  buyer: 'Buyer',
  buyerTaxId: 'Buyer tax id',
  original: 'Original',
  reason: 'No original, because',
  corrects: 'Corrects',
  discount: 'Discount',
  total: 'TOTAL',
  change: 'Change',
  forfeited: 'Forfeited',
  taxIncluded: 'Tax included',
  taxAdded: 'Tax added',
  taxOf: 'of',
  code: 'Tax control code',
  registeredAt: 'Registered',
  codePending: 'TAX CONTROL CODE PENDING',
  codePendingNote: 'This receipt is valid. Its code can be looked up later.',
  signatureMark: 'Signature mark',
  check: 'Check this receipt',
};

const chinese: ReceiptWords = {
  testEnvironment: '** 测试 非真实票据 **',
  notFiscal: '非税务票据',
  reprint: '重印',
  titles: { sale: '销售', refund: '退货', void: '作废' },
  types: { advance: '预收款', training: '培训', proforma: '形式发票', copy: '副本' },
  lineTypes: { goods: '商品', deposit: '押金', voucher: '代金券', tip: '小费', discount: '折扣', rounding: '抹零' },
  payments: { cash: '现金', card: '银行卡', transfer: '转账', voucher: '代金券', credit: '赊账', other: '其他' },
  taxpayer: '纳税人',
  premises: '经营场所',
  terminal: '终端',
  number: '票号',
  counter: '序号',
  soldAt: '时间',
  businessDay: '营业日',
  cashier: '收银员',
  buyer: '购买方',
  buyerTaxId: '购买方税号',
  original: '原票',
  reason: '无原票原因',
  corrects: '更正',
  discount: '折扣',
  total: '合计',
  change: '找零',
  forfeited: '不找零余额',
  taxIncluded: '含税',
  taxAdded: '另加税',
  taxOf: '计税金额',
  code: '税控码',
  registeredAt: '赋码时间',
  codePending: '税控码待补开',
  codePendingNote: '本票据有效，税控码可稍后查询。',
  signatureMark: '签名标记',
  check: '查验本票据',
};

/** The words of a language. */
export function receiptWords(language: ReceiptLanguage): ReceiptWords {
  return language === 'en' ? english : chinese;
}
