import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseReading, queriedFields, type Reading } from './device-readings.ts';

const INTERVAL_MS = 100;

/** Readings of a GPU from now on: none where there is no `nvidia-smi`. */
export function watchDevice(
  gpu: number,
  env: NodeJS.ProcessEnv = process.env,
): { readonly readings: readonly Reading[]; stop(): void } {
  const readings: Reading[] = [];
  const query = ['-i', String(gpu), `--query-gpu=${queriedFields.join(',')}`, '--format=csv,noheader,nounits'];
  const child = spawn('nvidia-smi', [...query, '-lms', String(INTERVAL_MS)], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // Where it can't be started, the table has no such columns.
  child.once('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reading = parseReading(line);
    if (reading !== undefined) readings.push(reading);
  });
  const stop = () => {
    child.kill('SIGKILL');
    process.off('exit', stop);
  };
  process.once('exit', stop);
  return { readings, stop };
}
