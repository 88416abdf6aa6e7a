import { randomBytes } from 'node:crypto';

/** An id for a run begun at `now`: its UTC time to the second, and six random digits. */
export function newRunId(now: Date): string {
  const [date, time] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(3).toString('hex')}`;
}
