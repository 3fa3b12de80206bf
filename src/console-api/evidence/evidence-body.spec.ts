import { expect, it } from 'vitest';
import { EvidenceBody, judgeEvidence } from './evidence-body.js';

const BODY = Object.assign(new EvidenceBody(), {
  from: '2026-01-01T00:00:00Z',
  to: '2026-02-01T00:00:00Z',
  zone: 'UTC',
});

it('makes nothing on a server that lacks the memory for it', () => {
  expect(judgeEvidence(BODY, { evidenceMissingBytes: 1 })).toMatchObject({ code: 'evidence_without_memory' });
  expect(judgeEvidence(BODY, { evidenceMissingBytes: 0 })).toBeNull();
});
