import { readdirSync } from 'node:fs';

/** Names in a folder, sorted; none where it cannot be read: the files in it are then reported missing one by one, with what to do. */
export function listFolder(path: string): string[] {
  try {
    // Orchestrators put hidden bookkeeping beside the files of a mounted secret.
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}
