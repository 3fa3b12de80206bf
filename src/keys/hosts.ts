import { isIP } from 'node:net';
import { KeyFilesError } from './key-files-error.js';
import type { KeyFile } from './make-parts.js';
import { readPublicFile } from './secret-file.js';

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Whether a text is a host name or an IP address: no scheme, no port, no path. */
export function isHost(text: string): boolean {
  return HOST_NAME.test(text) || isIP(text) !== 0;
}

/** The file that names the hosts, one a line. */
export function hostsFile(path: string, hosts: readonly string[]): KeyFile {
  return { path, content: hosts.map((host) => `${host}\n`).join('') };
}

/** @throws KeyFilesError when a line is no host, or there is none */
export function readHosts(path: string): string[] {
  const hosts = readPublicFile(path, 'Write it with: tax-control keys listener --host NAME')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (hosts.length === 0 || !hosts.every(isHost))
    throw new KeyFilesError(
      `${path} must name the hosts by which tills reach this server: a name or IP address in each line, no scheme, no port. ` +
        'Write it again with: tax-control keys listener --host NAME',
    );
  return hosts;
}
