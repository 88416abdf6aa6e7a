/** The rate is that of the last so many milliseconds. */
const RATE_WINDOW_MS = 15_000;

/** Takes how many samples are drawn by now, and answers how many a second have been drawn of late: not finite at first. */
export type SampleRate = (samplesDone: number, nowMs?: number) => number;

/** Begins to measure how fast a run draws its samples. */
export function sampleRate(): SampleRate {
  const recent: { at: number; done: number }[] = [];
  return (done, nowMs = performance.now()) => {
    recent.push({ at: nowMs, done });
    while (recent.length > 2 && nowMs - recent[0].at > RATE_WINDOW_MS) recent.shift();
    return (done - recent[0].done) / ((nowMs - recent[0].at) / 1_000);
  };
}
