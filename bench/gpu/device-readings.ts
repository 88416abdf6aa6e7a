/** What a GPU says of itself at a moment; what it doesn't tell is undefined. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The share of a moment just past in which any kernel ran, 0 to 1. NVIDIA's driver takes ⅙ to 1 s for it. */
  readonly busy: number | undefined;
  readonly watts: number | undefined;
  readonly megahertz: number | undefined;
}

/** The means of some readings. */
export type MeanReading = Omit<Reading, 'at'>;

/**
 * What is asked of `nvidia-smi`, in the order that `parseReading` expects. Power is a mean over a second from Ampere on; that of
 * a moment is drawn from a quarter of the time alone on an H100 (arXiv 2312.02741).
 */
export const queriedFields = ['timestamp', 'utilization.gpu', 'power.draw', 'clocks.sm'] as const;

/** Readings look so far back. */
const LOOK_BACK_MS = 1_000;

/** Reads a line of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`; undefined where it is none. */
export function parseReading(line: string): Reading | undefined {
  const [timestamp, busy, watts, megahertz] = line.split(',').map((cell) => cell.trim());
  const time = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})$/.exec(timestamp);
  if (time === null) return undefined;
  const [year, month, day, hours, minutes, seconds, milliseconds] = time.slice(1).map(Number);
  const percent = numberOf(busy);
  return {
    // It tells the time of this machine's clock and zone.
    at: new Date(year, month - 1, day, hours, minutes, seconds, milliseconds).getTime(),
    busy: percent === undefined ? undefined : percent / 100,
    watts: numberOf(watts),
    megahertz: numberOf(megahertz),
  };
}

/** "[N/A]" and "[Not Supported]" are no numbers. */
function numberOf(cell: string | undefined): number | undefined {
  return cell !== undefined && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined;
}

/**
 * The mean over some spans of time. Of each the beginning is left out, up to its half, as readings there look back into
 * what came before.
 */
export function meanReading(
  readings: readonly Reading[],
  spans: readonly { readonly from: number; readonly to: number }[],
): MeanReading {
  const within = readings.filter(({ at }) =>
    spans.some(({ from, to }) => at >= from + Math.min(LOOK_BACK_MS, (to - from) / 2) && at <= to),
  );
  const mean = (value: (reading: Reading) => number | undefined) => {
    const values = within.map(value).filter((each) => each !== undefined);
    return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
  };
  return {
    busy: mean(({ busy }) => busy),
    watts: mean(({ watts }) => watts),
    megahertz: mean(({ megahertz }) => megahertz),
  };
}
