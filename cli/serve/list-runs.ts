import { mapConcurrently } from '../../certification/map-concurrently.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { normOf, type Norm } from '../../certification/records/norm.ts';
import { isRunId } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import type { AnySummary } from '../../certification/records/summary.ts';
import { sameRadius } from '../../certification/report/same-radius.ts';
import type { Store } from '../../certification/storage/store.ts';
import { lastPart } from '../run-labels.ts';
import type { LiveRuns } from './live-runs.ts';
import { pageOf, type Page } from './page-of.ts';
import { readRun, type StoredRun } from './read-run.ts';
import { newestFirst } from './run-order.ts';

/** Runs of a page: each is read. */
const RUNS_A_PAGE = 25;
/** Runs that are read at once. */
const READ_AT_ONCE = 8;
/** The radius that a list shows, where a run has it: what papers compare first. */
export const LISTED_RADIUS = 0.25;

/** A run in a list. `unfinished`: neither published nor under way. */
export interface ListedRun {
  readonly run: string;
  readonly state: 'under way' | 'finished' | 'unfinished' | 'unreadable';
  readonly createdAt: string | null;
  readonly model: string | null;
  readonly dataset: string | null;
  readonly mode: string | null;
  readonly sigma: number | null;
  /** Of uniform noise. */
  readonly lambda: number | null;
  /** Of its radii; null of PREDICT too. */
  readonly norm: Norm | null;
  readonly examples: number | null;
  readonly simulated: boolean;
  readonly generation: number | null;
  readonly failed: number | null;
  /** Certified accuracy at radius 0.25, of PREDICT the accuracy: examples. */
  readonly certified: number | null;
  readonly accurate: number | null;
  /** Why it can't be read. */
  readonly problem?: string;
}

/** A page of runs, and why those under way aren't known, where they aren't. */
export interface RunList extends Page<ListedRun> {
  readonly liveUnavailable?: string;
}

/**
 * Runs of a store: those under way first, then the newest. Names of folders alone are listed, and only the runs of the
 * page are read.
 */
export async function listRuns({
  store,
  live,
  page,
}: {
  store: Store;
  live: LiveRuns;
  page: number;
}): Promise<RunList> {
  const [folders, answer] = await Promise.all([store.folders(runKeys.runs), live.underWay()]);
  const underWay = 'value' in answer ? answer.value : [];
  const started = new Map(underWay.map(({ run, startedAt }) => [run, startedAt]));
  const stored = newestFirst(folders.filter((name) => isRunId(name) && !started.has(name)));
  const { items, ...rest } = pageOf([...started.keys(), ...stored], { page, size: RUNS_A_PAGE });
  const runs = await mapConcurrently(items, READ_AT_ONCE, (run) => listedRun(store, run, started.get(run)));
  return { ...rest, items: runs, ...('unavailable' in answer && { liveUnavailable: answer.unavailable }) };
}

const unknown = {
  createdAt: null,
  model: null,
  dataset: null,
  mode: null,
  sigma: null,
  lambda: null,
  norm: null,
  examples: null,
  simulated: false,
  generation: null,
  failed: null,
  certified: null,
  accurate: null,
};

async function listedRun(store: Store, run: string, startedAt: string | undefined): Promise<ListedRun> {
  try {
    const stored = await readRun(store, run);
    if (stored !== undefined) return describeRun(stored, startedAt !== undefined);
    return {
      run,
      ...unknown,
      state: startedAt === undefined ? 'unfinished' : 'under way',
      createdAt: startedAt ?? null,
    };
  } catch (error) {
    // One record that can't be read is no reason not to list the others; a store that fails is.
    if (!(error instanceof PerimeterError) || error.code !== 'InvalidRequest') throw error;
    return { run, ...unknown, state: 'unreadable', problem: error.message };
  }
}

/** A stored run as lists have it. */
export function describeRun({ plan, results }: StoredRun, isUnderWay: boolean): ListedRun {
  const { run, request, claim, execution } = plan;
  const { certified = null, accurate = null, failed = null } = results === undefined ? {} : figures(results.summary);
  return {
    run,
    state: isUnderWay ? 'under way' : results === undefined ? 'unfinished' : 'finished',
    createdAt: execution.createdAt,
    model: lastPart(request.model),
    dataset: lastPart(request.dataset),
    mode: claim.sampling.mode,
    sigma: claim.noise.sigma,
    lambda: claim.noise.lambda ?? null,
    norm: claim.sampling.mode === 'predict' ? null : normOf(claim),
    examples: claim.dataset.count,
    simulated: claim.stub !== undefined,
    generation: results?.generation ?? null,
    failed,
    certified,
    accurate,
  };
}

function figures(summary: AnySummary) {
  if (summary.mode === 'predict') {
    return { accurate: Math.round(summary.accuracy * summary.examples), failed: summary.failed };
  }
  const at = summary.curve.find(({ radius }) => sameRadius(radius, LISTED_RADIUS));
  const past = summary.mode === 'fixed' && LISTED_RADIUS > (summary.curve.at(-1)?.radius ?? 0);
  return { certified: at?.certified ?? (past ? 0 : null), failed: summary.failed };
}
