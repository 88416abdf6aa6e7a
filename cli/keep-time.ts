import { InvalidArgumentError } from 'commander';

/** How long something is kept. */
export interface KeepTime {
  /** As people write it, such as `30d`. */
  readonly text: string;
  readonly ms: number;
}

const HOUR_MS = 3_600_000;
const units = new Map([
  ['h', HOUR_MS],
  ['d', 24 * HOUR_MS],
  ['w', 7 * 24 * HOUR_MS],
]);

/** Parses a time to keep things for: hours, days or weeks, as in `12h`, `30d` and `8w`. */
export function keepTime(text: string): KeepTime {
  const { count, unit } = /^(?<count>[1-9]\d{0,4})(?<unit>[hdw])$/.exec(text.trim())?.groups ?? {};
  const ms = Number(count) * (units.get(unit) ?? NaN);
  if (!Number.isNaN(ms)) return { text: text.trim(), ms };
  throw new InvalidArgumentError('Expected a whole number from 1 of hours, days or weeks, such as 12h, 30d or 8w.');
}
