import { floorPercent } from '../../../certification/report/floor-percent.ts';
import { groupThousands } from '../../../certification/report/group-thousands.ts';

/** What stands where there is nothing to say. */
export const NOTHING = '–';

/** An audit's date as people read it: `2026-11-27 02:00 UTC`. */
export function dateText(date: string): string {
  const [, day, hour, minute, second] = /^([\d-]{10})T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return `${day} ${hour}:${minute}${second === '00' ? '' : `:${second}`} UTC`;
}

/** A time of a record, `2026-01-01T00:00:00.000Z`, to the minute. */
export function time(iso: string | null): string {
  return iso === null ? NOTHING : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** A share of examples, rounded down. */
export function percent(count: number | null | undefined, total: number | null | undefined): string {
  return count === null || count === undefined || !total ? NOTHING : floorPercent(count, total);
}

/** A count with its thousands grouped. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : groupThousands(value);
}

/** A share that isn't of examples at hand, with two decimals. */
export function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

/** A probability, with three decimals, or as `1.2e-5` where it is small. */
export function probability(value: number | undefined): string {
  if (value === undefined) return NOTHING;
  return value !== 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** Bytes as people say them. */
export function bytes(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length - 1, size === 0 ? 0 : Math.floor(Math.log10(size) / 3));
  const value = size / 1_000 ** at;
  return `${at === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** A count with its word: `1 run`, `2 runs`. */
export function counted(value: number, word: string): string {
  return `${groupThousands(value)} ${word}${value === 1 ? '' : 's'}`;
}

/** The path of something whose name stands in it. */
export function path(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
