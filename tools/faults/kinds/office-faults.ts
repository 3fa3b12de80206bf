import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certify, readAuthority } from '../../fleet/certify.js';
import type { LocalInstallation } from '../../local/start-local.js';
import { type Aim, type FaultKind, textOf } from '../fault.js';
import { anyTill } from '../size.js';
import { agentOf, enrolAt, folderOf, type Scene } from '../scene.js';

const OFFICE: Aim = { holds: ['office', 'database'], detail: {} };
/** Tills learn of what was staged by their parameters, which they ask for every two seconds here. */
const KNOWN_MS = 5_000;
/** Numbers ahead of the present one at which a new MAC key begins: the fewest that are allowed; the jump of a restart reaches them. */
const MAC_KEY_AHEAD = 50_000;

/** What is exchanged or changed while tills sell and wait. The database stands meanwhile, as for any act of an operator. */
export const OFFICE_FAULTS: readonly FaultKind[] = [
  {
    name: 'parameters_changed',
    what: 'threshold, limits and deadline are published anew',
    lasts: [100, 500],
    aim: (random) => ({
      ...OFFICE,
      detail: {
        threshold: random.whole(1, 60),
        offlineInvoices: random.whole(500, 5_000),
        deadlineMs: random.whole(800, 3_000),
      },
    }),
    act: async ({ local }, { detail }) => {
      const { threshold, offlineInvoices, deadlineMs } = detail;
      const settings = { threshold, 'offline-invoices': offlineInvoices, 'deadline-ms': deadlineMs };
      const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
      await local.control('parameters', 'set', ...flags);
      return { count: 1, of: 'versions published' };
    },
  },
  {
    name: 'rates_changed',
    what: 'a tax rate ends and another one begins',
    lasts: [100, 500],
    most: 1,
    aim: (random) => ({ ...OFFICE, detail: { rate: random.pick(['19', '21', '17.5']) } }),
    act: async ({ local }, fault) => {
      const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
      await local.control('tax-rate', 'add', 'standard', '--rate', textOf(fault, 'rate'), '--from', today);
      return { count: 1, of: 'rates begun' };
    },
  },
  rotation('signing_key_exchanged', 'the key of receipts is exchanged', 'signing-key'),
  rotation('authority_exchanged', 'the authority of tills’ certificates is exchanged', 'authority'),
  {
    name: 'mac_key_exchanged',
    what: 'the key of codes is exchanged from a number on',
    lasts: [100, 500],
    most: 1,
    aim: () => OFFICE,
    act: async ({ local }) => {
      await control(local, 'keys', 'stage', 'mac-key', '--ahead', String(MAC_KEY_AHEAD));
      return { count: 1, of: 'keys exchanged' };
    },
  },
  {
    name: 'till_suspended',
    what: 'a till is suspended, and let sell again',
    lasts: [500, 3_000],
    aim: (random, size) => ({ ...OFFICE, detail: { terminal: anyTill(random, size).terminal } }),
    act: async (scene, fault, lasting) => {
      const terminal = textOf(fault, 'terminal');
      await scene.local.control('terminal', 'suspend', terminal);
      await lasting.over();
      await scene.local.control('terminal', 'resume', terminal);
      return { count: 1, of: 'tills suspended' };
    },
  },
  {
    name: 'certificate_revoked',
    what: 'the certificate of a till is revoked while invoices wait, and the till enrolled anew',
    lasts: [500, 3_000],
    aim: (random, size) => {
      const { terminal, agent } = anyTill(random, size);
      return { holds: [...OFFICE.holds, agent, 'line 0', 'line 1'], detail: { terminal } };
    },
    act: async (scene, fault, lasting) => {
      const terminal = textOf(fault, 'terminal');
      const agent = agentOf(scene, terminal);
      // The line is down while it sells, so that something signed by the old key waits.
      for (const line of scene.lines) await line.break({ kind: 'refuse' });
      await lasting.over();
      const thumbprints = await certificatesOf(scene, terminal);
      for (const thumbprint of thumbprints)
        await scene.local.control('terminal', 'revoke-certificate', terminal, thumbprint, '--reason', 'stolen');
      for (const line of scene.lines) await line.mend();
      await agent.stop();
      await enrolAt(scene, terminal, invitationIn(await scene.local.control('terminal', 'invite', terminal)));
      await agent.start();
      return { count: thumbprints.length, of: 'certificates revoked' };
    },
  },
  {
    name: 'certificate_expired',
    what: 'a till comes back with a certificate that has expired, and renews it',
    lasts: [2_000, 5_000],
    aim: (random, size) => {
      const { terminal, agent } = anyTill(random, size);
      return { holds: [...OFFICE.holds, agent], detail: { terminal } };
    },
    act: async (scene, fault, lasting) => {
      const terminal = textOf(fault, 'terminal');
      const agent = agentOf(scene, terminal);
      await agent.stop();
      const thumbprint = await giveExpired(scene, terminal);
      await agent.start();
      await lasting.over();
      const later = (await certificatesOf(scene, terminal)).filter((one) => one !== thumbprint);
      return { count: later.length > 0 ? 1 : 0, of: 'certificates expired' };
    },
  },
];

const MS_PER_DAY = 86_400_000;
const EXPIRED_FOR_MS = 60_000;

/** As if the till had been switched off for the last part of its certificate's life. @returns the certificate's thumbprint */
async function giveExpired(scene: Scene, terminalId: string): Promise<string> {
  const authority = await readAuthority(scene.local.paths.keys);
  const [row] = await scene.query<{ taxpayer_id: string; premises_id: string }>(
    'SELECT taxpayer_id, premises_id FROM terminal WHERE terminal_id = $1',
    [terminalId],
  );
  if (row === undefined) throw new RangeError(`there is no terminal ${terminalId}`);
  const notAfter = new Date(Date.now() - EXPIRED_FOR_MS);
  const notBefore = new Date(notAfter.getTime() - MS_PER_DAY);
  const { taxpayer_id: taxpayerId, premises_id: premisesId } = row;
  const order = { terminalId, taxpayerId, premisesId, notBefore, notAfter };
  const { keyPem, certificatePem, thumbprint, serial, der } = await certify(authority, order);
  await scene.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)`,
    [thumbprint, terminalId, serial, der, notBefore, notAfter],
  );
  const folder = folderOf(scene, terminalId);
  writeFileSync(join(folder, 'key.pem'), keyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'certificate.pem'), certificatePem);
  return thumbprint;
}

function rotation(name: string, what: string, key: 'signing-key' | 'authority'): FaultKind {
  return {
    name,
    what,
    lasts: [KNOWN_MS, KNOWN_MS + 1_000],
    most: 1,
    aim: () => OFFICE,
    act: async ({ local }, _fault, lasting) => {
      await control(local, 'keys', 'stage', key);
      await lasting.over();
      await control(local, 'keys', 'activate', key, '--now');
      return { count: 1, of: 'keys exchanged' };
    },
  };
}

/** Commands about keys name their directory. */
function control(local: LocalInstallation, ...commandLine: string[]): Promise<unknown> {
  return local.control(...commandLine, '--directory', local.paths.keys);
}

async function certificatesOf({ local }: Scene, terminal: string): Promise<string[]> {
  const shown = await local.control('terminal', 'show', terminal);
  const certificates: unknown = typeof shown === 'object' && shown !== null ? Reflect.get(shown, 'certificates') : null;
  if (!Array.isArray(certificates)) throw new Error('tax-control terminal show names no certificates');
  return certificates
    .filter((one: { readonly revokedAt?: unknown }) => (one.revokedAt ?? null) === null)
    .map(({ thumbprint }: { readonly thumbprint: string }) => thumbprint);
}

function invitationIn(answer: unknown): string {
  const invitation: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'invitation') : null;
  if (typeof invitation !== 'string') throw new Error('tax-control terminal invite printed no invitation');
  return invitation;
}
