import { sep } from 'node:path';
import { compareSampling, fixedThreshold, type SamplingComparison } from './compare-sampling.ts';
import { findPeerLogs } from './find-peer-logs.ts';
import { peerExamples } from './peer-examples.ts';
import { tableLine } from './table-line.ts';

/** As in Cohen, Rosenfeld & Kolter (arXiv 1902.02918, §4), and the radii of their Table 2, CIFAR-10. */
const n = 100_000;
const n0 = 100;
const alpha = 0.001;
const RADII = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];

/** The logs differ in these last parts of their paths: the training's noise, `test` and sigma. */
const NAMING_PARTS = 3;

const LEAST_RATIO = 10;
const MOST_POINTS_APART = 0.1;

const WIDTHS = [6, 9, 9, 9, 9, 9, 6, 8, 9, 6];
const HEADERS = [
  ['', 'certified', 'accuracy', 'differ-', 'fixed', 'sequent.', '', '½*', 'skipping', ''],
  ['radius', 'fixed', 'sequent.', 'ence pp', 'samples', 'samples', 'ratio', 'ratio', 'samples', 'ratio'],
];

/** One line of a log's table. */
interface Line {
  readonly log: string;
  readonly name: string;
  readonly single: boolean;
  readonly comparison: SamplingComparison;
}

/**
 * Prints fixed and sequential mode side by side on the probabilities recovered from the published logs under `folder`: each radius by
 * itself, and the grid at once.
 */
export function simulateSequential(folder: string): void {
  const logs = findPeerLogs(folder);
  if (logs.length === 0) {
    console.log(`(a) is left out: the published logs of locuslab/smoothing aren't under ${folder},`);
    console.log('    and PERIMETER_PEERS names no other folder that holds them.\n');
    return;
  }
  console.log(`(a) On the p_A recovered from ${logs.length} published logs, by exact expectations:`);
  console.log(
    `    n0 = ${n0}, n = ${format(n)}, alpha = ${alpha}, Clopper–Pearson; samples an example with the selection's.`,
  );
  console.log('    Abstained rows count as not correct. Their p_A is unknown: taken evenly spread below the abstain');
  console.log('    threshold, as densely as the log has them in the tenth above it; under * all at ½ instead.');
  const lines: Line[] = [];
  for (const { path, sigma } of logs) {
    const log = path.split(sep).slice(-NAMING_PARTS).join('/');
    process.stderr.write(`${log}\n`);
    const { alpha: logged, examples } = peerExamples({ path, sigma, n });
    const abstained = examples.filter((example) => example.abstained);
    const least = Math.min(...abstained.map(({ p }) => p));
    const wrong = examples.length - abstained.length - examples.filter(({ correct }) => correct).length;
    console.log(`\n${log}: ${examples.length} examples, logged at alpha = ${logged}`);
    console.log(`${wrong} misclassified, ${abstained.length} abstained, their p_A taken from ${least.toFixed(3)} up`);
    for (const header of HEADERS) console.log(tableLine(header, WIDTHS));
    const possible = RADII.filter((radius) => fixedThreshold({ radius, sigma, n, alpha }) <= n);
    for (const radii of [...possible.map((radius) => [radius]), possible]) {
      const single = radii.length === 1;
      const name = single ? radii[0].toFixed(2) : 'all';
      const line = { log, name, single, comparison: compareSampling({ examples, radii, sigma, n0, n, alpha }) };
      lines.push(line);
      printLine(line);
    }
  }
  printWorst(lines);
}

function printLine({ name, single, comparison }: Line): void {
  const { fixed, sequential, samples, samplesAtHalf, samplesSkipping } = comparison;
  console.log(
    tableLine(
      [
        name,
        single ? percent(fixed[0]) : '',
        single ? percent(sequential[0]) : '',
        farthest(comparison).toFixed(3),
        format(n0 + n),
        format(samples),
        ratio(samples).toFixed(1),
        ratio(samplesAtHalf).toFixed(1),
        format(samplesSkipping),
        ratio(samplesSkipping).toFixed(1),
      ],
      WIDTHS,
    ),
  );
}

function printWorst(lines: readonly Line[]): void {
  const single = lines.filter((line) => line.single);
  const least = (some: readonly Line[], value: (line: Line) => number) =>
    some.reduce((worst, line) => (value(line) < value(worst) ? line : worst));
  const ratioOf = ({ comparison }: Line) => ratio(comparison.samples);
  const atHalf = ({ comparison }: Line) => ratio(comparison.samplesAtHalf);
  const apart = ({ comparison }: Line) => -Math.abs(farthest(comparison));
  const tell = (what: string, value: string, { log, name }: Line) => {
    console.log(`${what} ${value}: ${log}, ${name}`);
  };
  console.log();
  const worst = least(single, ratioOf);
  tell('worst ratio at one radius', `${ratioOf(worst).toFixed(1)} (asked ≥ ${LEAST_RATIO})`, worst);
  const worstAtHalf = least(single, atHalf);
  tell('  with all abstained p_A at ½', atHalf(worstAtHalf).toFixed(1), worstAtHalf);
  const worstGrid = least(
    lines.filter((line) => !line.single),
    ratioOf,
  );
  tell('worst ratio of a grid', ratioOf(worstGrid).toFixed(1), worstGrid);
  const farthestApart = least(lines, apart);
  tell(
    'largest difference in certified accuracy',
    `${farthest(farthestApart.comparison).toFixed(3)} pp (asked ≤ ${MOST_POINTS_APART})`,
    farthestApart,
  );
  const below = single.filter((line) => ratioOf(line) < LEAST_RATIO);
  console.log(`${single.length - below.length} of ${single.length} single radii have a ratio ≥ ${LEAST_RATIO}`);
}

/** Sequential less fixed certified accuracy in percentage points, at the radius where it is farthest from 0. */
function farthest({ fixed, sequential }: SamplingComparison): number {
  const differences = sequential.map((share, at) => (share - fixed[at]) * 100);
  return differences.reduce((worst, value) => (Math.abs(value) > Math.abs(worst) ? value : worst));
}

function ratio(samples: number): number {
  return (n0 + n) / samples;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function format(value: number): string {
  return Math.round(value).toLocaleString('en');
}
