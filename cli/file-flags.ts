import { InvalidArgumentError, Option, type Command } from 'commander';
import { norms } from '../certification/records/norm.ts';
import type { FileStatistics } from './read-results.ts';
import { wholeNumber } from './whole-number.ts';

/** More samples than the statistics take. */
const MOST_SAMPLES = 1e12;

/** Adds flags that say of files in Cohen et al.'s columns what isn't in them. */
export function addFileFlags(command: Command): Command {
  const samples = wholeNumber({ min: 1, max: MOST_SAMPLES });
  return command
    .option(
      '--sigma <s>',
      "files: the noise's σ (default: of a name such as sigma_0.25 or noise_0.25)",
      within({ above: 0 }),
    )
    .option('--n <n>', 'files: samples of the estimation (default: 100000)', samples)
    .option('--n0 <n>', 'files: samples of the selection (default: 100)', samples)
    .option(
      '--alpha <a>',
      'files: level of a certificate (default: what the radii tell, else 0.001)',
      within({ above: 0, most: 0.5 }),
    )
    .option('--rho <p>', 'files: 1 − confidence of the bounds (default: 0.001)', within({ above: 0, most: 0.5 }))
    .addOption(new Option('--norm <name>', 'files: norm of the radii (default: l2)').choices(norms));
}

/** Those of them that were given. */
export function fileStatistics({ sigma, n, n0, alpha, rho, norm }: FileStatistics): FileStatistics {
  return {
    ...(sigma !== undefined && { sigma }),
    ...(n !== undefined && { n }),
    ...(n0 !== undefined && { n0 }),
    ...(alpha !== undefined && { alpha }),
    ...(rho !== undefined && { rho }),
    ...(norm !== undefined && { norm }),
  };
}

function within({ above, most = Infinity }: { above: number; most?: number }) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value > above && value <= most && value < Infinity) return value;
    throw new InvalidArgumentError(
      `Expected a number above ${above}${most === Infinity ? '' : ` and at most ${most}`}.`,
    );
  };
}
