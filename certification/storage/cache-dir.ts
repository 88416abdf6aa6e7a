import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder for what is fetched, built or measured once (the Temporal CLI, the S3 server of the tests, a card's batch sizes):
 * `PERIMETER_CACHE`, or `perimeter` under the user's cache folder. It may not exist yet.
 *
 * @param env the environment to read, by default this process's
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.PERIMETER_CACHE) return resolve(env.PERIMETER_CACHE);
  // The XDG Base Directory Specification has relative paths ignored.
  if (env.XDG_CACHE_HOME?.startsWith('/')) return join(env.XDG_CACHE_HOME, 'perimeter');
  return join(env.HOME ?? homedir(), '.cache', 'perimeter');
}
