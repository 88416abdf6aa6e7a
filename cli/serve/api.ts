import type { RunList } from './list-runs.ts';
import type { Live, LiveStatus } from './live-runs.ts';
import { secondsLeft } from './pages/progress.ts';
import type { Page } from './page-of.ts';
import type { ListedLine } from './read-audits.ts';

/** `GET /api/runs`. */
export function runsJson({ items, ...rest }: RunList) {
  return { ...rest, runs: items };
}

/** `GET /api/audits`: lines, each with its last audit. */
export function linesJson({ items, ...rest }: Page<ListedLine>) {
  const lines = items.map((listed) =>
    'problem' in listed
      ? listed
      : { line: listed.line, audits: listed.audits.length, last: listed.audits.at(-1) ?? null },
  );
  return { ...rest, lines };
}

/** The part of `GET /api/runs/<run>` that Temporal tells; `progress` is null where it knows nothing of the run. */
export function progressJson(live: Live<LiveStatus | undefined>) {
  if ('unavailable' in live) return { progress: null, liveUnavailable: live.unavailable };
  if (live.value === undefined) return { progress: null };
  const { samplesPerSecond } = live.value;
  const { state, examples, examplesFinished, examplesFailed, shards, shardsFinished, shardsFailed } = live.value;
  const { samples, samplesDone, reason = null } = live.value;
  return {
    progress: {
      state,
      examples,
      examplesFinished,
      examplesFailed,
      shards,
      shardsFinished,
      shardsFailed,
      samples,
      samplesDone,
      samplesPerSecond: Number.isFinite(samplesPerSecond) ? samplesPerSecond : null,
      secondsLeft: secondsLeft(live.value) ?? null,
      reason,
    },
  };
}
