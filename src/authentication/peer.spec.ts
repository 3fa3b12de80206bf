import { createHash, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type CertificatePurpose, makeCertificate } from '../keys/make-certificate.js';
import { readCertificate } from './peer.js';

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

const LIFE = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };

const makeKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** All have one name: what counts is the signature. */
async function makeAuthority(): Promise<Authority> {
  const { privateKey } = makeKeys();
  const der = await makeCertificate({ purpose: 'authority', subject: { commonName: 'CA' }, key: privateKey, ...LIFE });
  return { certificate: new X509Certificate(der), key: privateKey };
}

function issue({ certificate, key }: Authority, purpose: CertificatePurpose = 'terminal'): Promise<Buffer> {
  return makeCertificate({
    purpose,
    subject: { commonName: 'till-1' },
    key: makeKeys().publicKey,
    ...LIFE,
    issuer: { certificate: certificate.raw, key },
  });
}

describe('readCertificate', () => {
  let ours: Authority;
  let other: Authority;

  beforeAll(async () => {
    [ours, other] = [await makeAuthority(), await makeAuthority()];
  });

  it('tells what a certificate says, the first time and from then on without verifying it again', async () => {
    const der = await issue(ours);
    const authorities = [ours.certificate];
    const verify = vi.spyOn(X509Certificate.prototype, 'verify');
    const first = readCertificate(der, authorities);
    expect(first).toEqual({
      thumbprint: createHash('sha256').update(der).digest('base64url'),
      terminalId: 'till-1',
      notBeforeMs: LIFE.notBefore.getTime(),
      notAfterMs: LIFE.notAfter.getTime(),
      isIssued: true,
    });
    expect(verify).toHaveBeenCalledOnce();
    expect(readCertificate(Buffer.from(der), authorities)).toEqual(first);
    expect(verify).toHaveBeenCalledOnce();
    verify.mockRestore();
  });

  it('asks anew when the authorities are others', async () => {
    const der = await issue(ours);
    expect(readCertificate(der, [ours.certificate]).isIssued).toBe(true);
    expect(readCertificate(der, [other.certificate]).isIssued).toBe(false);
    expect(readCertificate(der, [other.certificate, ours.certificate]).isIssued).toBe(true);
    expect(readCertificate(der, []).isIssued).toBe(false);
  });

  it('takes no stranger and no certificate for another purpose for a terminal, however often it comes', async () => {
    const authorities = [ours.certificate];
    const stranger = await issue(other);
    const server = await issue(ours, 'server');
    for (let time = 0; time < 2; time += 1) {
      expect(readCertificate(stranger, authorities)).toMatchObject({ terminalId: 'till-1', isIssued: false });
      expect(readCertificate(server, authorities).isIssued).toBe(false);
    }
  });
});
