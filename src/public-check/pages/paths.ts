import type { Paper } from '../findings.js';

/** Own address of a paper's page: what a receipt's QR leads to, and where a report about it is sent. */
export function pathOf(paper: Paper): string {
  const parts = paper.by === 'code' ? [paper.code] : [paper.terminalId, paper.invoiceId];
  return `/v/${parts.map(encodeURIComponent).join('/')}`;
}
