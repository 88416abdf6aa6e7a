import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const LOG_NAME = /^sigma_(\d+(?:\.\d+)?)$/;

/** The published logs under a folder, with the sigma that their names give; none where there is no such folder. */
export function findPeerLogs(folder: string): { path: string; sigma: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((path) => {
      const sigma = LOG_NAME.exec(basename(path))?.[1];
      return sigma === undefined ? [] : [{ path: join(folder, path), sigma: Number(sigma) }];
    });
}
