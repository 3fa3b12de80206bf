/**
 * Every bound of the wire, with its unit and its reason. Both sides read them from here, so that
 * a till never sends what the server would have to refuse for its size.
 */
export const LIMITS = {
  /** Lines of one invoice. The longest of 25,900 real ones had 1,114; ten times that leaves room for wholesalers. */
  invoiceLinesMax: 10_000,
  /** Rows of `taxes` and of `payments`: more kinds than any country's law or any counter knows. */
  invoiceTaxesMax: 100,
  invoicePaymentsMax: 100,
  /** Levies of one line, beside the tax of its category: a state's, a county's, a city's and one for the environment. */
  lineLeviesMax: 4,
  /** Originals that one refund takes back: receipts that a customer brings at once. */
  originalsMax: 10,
  /** Levels of lists and objects in one JSON document. An invoice has five; every reader of JSON in any language takes 32. */
  jsonLevelsMax: 32,
  /** Characters of a free text (description, name, address). Paper is 48 columns wide; this is ten rows of it. */
  textLengthMax: 500,
  /** Characters of an identifier chosen by people (terminal, taxpayer, premises, the shop's own number). */
  identifierLengthMax: 64,
  /** Bytes of one signed invoice as compact JWS: 10,000 lines of 350 bytes, in base64url. */
  invoiceBytesMax: 5_000_000,
  /** Bytes of one request body: the largest invoice and its envelope, or a chunk of the late door. */
  requestBytesMax: 6_000_000,
  /**
   * Bytes a second with which a long body has to come, beyond the time of any request: half of what the slowest lines carry
   * on which tills sell (GPRS, 8 KB/s), because sales go first on them.
   */
  slowestBytesPerSecond: 4_000,
  /** Bytes after which the till closes a chunk of the late door: a second on a 4 Mbit/s line. */
  reissueChunkBytesMax: 500_000,
  /** Invoices in one chunk of the late door: a new sale waits for no more than this many commits' worth. */
  reissueChunkInvoicesMax: 25,
  /** Codes of receipts that a till asks for at once: 10 KB, and half a day of a busy till. */
  holdingsMax: 500,
  /** Upper bound of the threshold that the parameters may set. */
  thresholdMax: 500,
  /** Entries of one upload of the transaction log. */
  logEntriesMax: 500,
  /** Bytes of an answer that a till reads before it calls it unusable: a full late-door answer is under 1 MB. */
  answerBytesMax: 2_000_000,
  /** Bytes of one upload of the transaction log: as many entries with as long texts as allowed, of three bytes a character. */
  logUploadBytesMax: 2_000_000,
  /** Difference of clocks that is no warning: a minute is what an unattended till drifts in a month. */
  clockOffsetMsMax: 60_000,
  /** Time from a sale to its signature that needs no explanation: guests take up to half an hour to pay a bill. */
  entryDelayMsMax: 1_800_000,
} as const;
