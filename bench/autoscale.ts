import { parseArgs } from 'node:util';
import type { Design } from './autoscale/design.ts';
import { comparedDesigns, installedDesign, variations } from './autoscale/designs.ts';
import { nights } from './autoscale/nights.ts';
import type { RunState } from './autoscale/run-shards.ts';
import { simulateNight, type Night, type Outcome } from './autoscale/simulate-night.ts';

/** Nights of each kind: what is random differs, and the table has the means. */
const SEEDS = 10;

const HEADINGS = [
  'design',
  'GPU-hours',
  'of them wasted',
  'GPU-hours / work',
  'killed at work',
  'done twice, min',
  'last audit done, h',
  'interactive took, min',
];

/**
 * Nights of simulated runs under several designs of autoscaling, as Markdown tables. `--night NAME` for one of them alone,
 * `--seed N` for others of the kind, `--sweep` for one number of the installed design varied at a time.
 */
export function benchAutoscale(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: { night: { type: 'string' }, seed: { type: 'string', default: '1' }, sweep: { type: 'boolean' } },
  });
  const installed = installedDesign();
  for (const [name, night] of Object.entries(nights) as [string, Night][]) {
    if (values.night !== undefined && values.night !== name) continue;
    const designs = values.sweep === true ? variations(installed) : comparedDesigns(installed, night);
    const lines = designs.map((design) => line({ night, design, seed: Number(values.seed) }));
    process.stdout.write(`\n### ${name}: ${night.name} (${lines[0].work} GPU-hours of work)\n\n`);
    process.stdout.write(
      `| ${HEADINGS.join(' | ')} |\n| :-- | ${HEADINGS.slice(1)
        .map(() => '--:')
        .join(' | ')} |\n`,
    );
    for (const { cells } of lines) process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}

interface Line {
  readonly work: string;
  readonly cells: readonly string[];
}

function line({ night, design, seed }: { night: Night; design: Design; seed: number }): Line {
  const outcomes = Array.from({ length: SEEDS }, (_, at) => simulateNight({ night, design, seed: seed * 1_000 + at }));
  const mean = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / SEEDS;
  const work = mean(({ workHours }) => workHours);
  const billed = mean(({ billedHours }) => billedHours);
  const interactive = mean(({ runs }) => 60 * takenHours(runs.find(({ run }) => run.name === 'interactive')));
  return {
    work: work.toFixed(1),
    cells: [
      design.name,
      billed.toFixed(1),
      (billed - work).toFixed(1),
      (billed / work).toFixed(2),
      mean(({ busyKills }) => busyKills).toFixed(1),
      mean(({ redoneHours }) => 60 * redoneHours).toFixed(1),
      mean(({ runs }) => lastHours(runs.filter(({ run }) => run.name !== 'interactive'))).toFixed(2),
      Number.isNaN(interactive) ? '–' : interactive.toFixed(1),
    ],
  };
}

/** From the night's beginning to the end of the last of them; infinite where one wasn't done. */
function lastHours(runs: readonly RunState[]): number {
  return Math.max(...runs.map(({ finishedAt }) => finishedAt ?? Infinity)) / 3_600;
}

/** NaN where there is no such run. */
function takenHours(state: RunState | undefined): number {
  return state === undefined ? NaN : ((state.finishedAt ?? Infinity) - state.run.startsAt) / 3_600;
}
