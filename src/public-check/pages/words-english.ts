import type { PageWords } from './page-words.js';

export const englishWords: PageWords = {
  title: 'Receipt check',
  otherLanguage: '简体中文',
  testBanner: 'TEST: this server is for trying out. Nothing here is a real receipt.',
  start: {
    heading: 'Is your receipt genuine?',
    text: 'Scan the square on the receipt with your phone, or type the tax control code that is printed on it.',
  },
  codeLabel: 'Tax control code',
  codeHint: '20 digits, printed in four groups of five.',
  checkCode: 'Check',
  mistyped: {
    heading: 'This code is not written right',
    text: 'A digit is missing, mistyped or in the wrong place. Please compare it with the receipt and try again. If the receipt really has these digits, it is not genuine: please tell us.',
  },
  linkMistyped: {
    heading: 'This address is not written right',
    text: 'It does not name a receipt. Please scan the square again. If the receipt really leads here, please tell us.',
  },
  notOnFile: {
    heading: 'Not on file',
    text: 'No invoice with this code is on file. Please compare the digits with the receipt. If they are the same, the receipt is not genuine: please tell us.',
  },
  testCode: 'The code begins with 9: it comes from the test environment and is no real receipt anywhere.',
  productionCode: 'It is not a code of the test environment. Real receipts are checked at the address that they bear.',
  onFile: {
    heading: 'A code of this number is on file',
    text: 'To see whether it is of your receipt, type the total. A forged receipt may bear a genuine code.',
  },
  fits: {
    heading: 'The code and the total are on file',
    text: 'Please compare shop and time with your receipt as well.',
  },
  differs: {
    heading: 'The total on file is another one',
    text: 'A code of this number is on file, for another total. Please compare it with the receipt.',
  },
  triesLeft: (tries) =>
    tries === 1 ? 'One more try is allowed today.' : `${tries} more tries are allowed for the time being.`,
  unreadable: 'This is no amount. Please type it as on the receipt, for example 12.50.',
  locked: (hours) =>
    hours === 1
      ? 'Too many wrong totals. You may try again within an hour.'
      : `Too many wrong totals. You may try again in ${hours} hours.`,
  notReported: {
    heading: 'Not reported yet',
    text: 'The till is registered, and this receipt was not reported to the tax office yet. A shop whose line is down reports later, so the receipt may be genuine; nobody can tell before it is reported. Please look again later.',
  },
  signed: {
    heading: 'Signed by this till, not reported yet',
    text: 'The till that is named on this receipt signed it, with the time and the total below. It was not reported to the tax office yet: a shop whose line is down reports later. Compare time and total with your receipt.',
  },
  notSigned: {
    heading: 'Not signed by this till',
    text: 'This receipt bears a signature that the till named on it did not make. It is not genuine: please tell us.',
  },
  notReportedHours: (hours) => `If it is still missing ${hours} hours after your purchase, please tell us.`,
  terminalUnknown: {
    heading: 'This till is not registered',
    text: 'No till of this name is registered here. The receipt is not genuine: please tell us.',
  },
  refused: {
    heading: 'Reported, with a mistake in it',
    text: 'The shop reported this receipt, and it could not be accepted. The shop has to correct it; the tax office knows.',
  },
  superseded: {
    heading: 'Corrected by another invoice',
    text: 'The shop reported this receipt with a mistake in it, and has corrected it since.',
  },
  seeSuperseding: 'See the corrected one',
  tooMany: {
    heading: 'Too many look-ups',
    text: 'Too much was asked from your network. Please wait a minute and try again.',
  },
  outage: {
    heading: 'We cannot look it up at the moment',
    text: 'The tax office’s records cannot be reached. This says nothing about your receipt. Please try again in a few minutes.',
  },
  code: 'Code',
  terminal: 'Till',
  invoice: 'Invoice',
  totalLabel: 'Total on the receipt',
  totalHint: 'As it is printed, for example 12.50.',
  checkTotal: 'Compare',
  shop: 'Shop',
  address: 'Address',
  soldAt: 'Time of sale',
  total: 'Total',
  registeredAt: 'Code given',
  shopUnknown: 'not known any more',
  kind: 'Kind',
  kinds: { sale: 'Sale', refund: 'Refund', void: 'Void' },
  types: {
    normal: 'Receipt',
    advance: 'Advance payment',
    training: 'Training',
    proforma: 'Proforma',
    copy: 'Copy',
  },
  notFiscal: 'This is not a fiscal receipt: the shop did not report it as a sale.',
  contentRemoved: (day) =>
    `The lines of this sale were removed on ${day}, after the years for which they are kept. What stands here is kept for ever.`,
  voided: 'The shop voided this sale afterwards. If you kept the goods, please tell us.',
  compare: 'If anything differs from your receipt, please tell us.',
  byReceiptAlone: {
    receipt:
      'This invoice is known by its receipt alone: the tax office signed it, and the till that has the invoice is gone.',
    print:
      'This invoice is known by its printed receipt alone: the code fits what is printed, and the till that has the invoice is gone.',
  },
  report: 'Something is wrong with this receipt',
  reportHint:
    'The tax office reads every report. Nobody is told who sent it; if you want an answer, write how to reach you.',
  reasonLabel: 'What is wrong?',
  reasons: {
    other_total: 'The total is another one',
    other_time: 'The time is another one',
    other_shop: 'The shop is another one',
    not_on_file: 'The receipt is not on file',
    not_reported: 'The receipt is still not reported',
    other: 'Something else',
  },
  messageLabel: 'In your own words',
  messageHint: 'At most 1,000 characters; may be left empty.',
  sendReport: 'Send to the tax office',
  reported: {
    heading: 'Thank you',
    text: 'Your report has been stored. Please keep the receipt.',
  },
  reportRefused: {
    heading: 'Your report was not stored',
    text: 'Too many reports came for this receipt or from your network. Please try again tomorrow.',
  },
  back: 'Back to the receipt',
  another: 'Check another receipt',
  footer: 'Tax control: what is on file at the tax office. No account, no cookies.',
};
