import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { parseDevice } from '../../certification/records/device.ts';
import type { Check } from '../../certification/verification/check.ts';
import { absoluteLocation } from '../absolute-location.ts';
import { exitCodes } from '../exit-codes.ts';
import { runLocation } from '../run-location.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags {
  readonly out: string;
  readonly generation?: number;
  readonly replay: number;
  readonly replaySeed?: string;
  readonly model?: string;
  readonly dataset?: string;
  readonly labels?: string;
  readonly classes?: string;
  readonly publicKey?: string;
  readonly challenge?: string;
  readonly device: string;
  readonly processes?: number;
  readonly json?: boolean;
}

/** `perimeter verify`: a reviewer's check of a run. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Check a finished run without trusting whoever made it; a line a check.')
    .argument('<run>', "the run's folder (a path with a slash, or s3://), or its id under --out")
    .option('--out <uri>', 'where runs are kept, for an id', 'perimeter-results')
    .option(
      '--generation <n>',
      'of its results, where failed examples were tried again (default: the newest)',
      wholeNumber({ min: 1 }),
    )
    .option('--replay <share>', 'the share of examples to draw anew: 2%, 0.5, 100%, or 0', share, 0.02)
    .option('--replay-seed <text>', 'chooses which examples (default: drawn, and printed)')
    .option('--model <uri>', 'the model, where it is not at the place that the plan names')
    .option('--dataset <uri>', 'the dataset, likewise')
    .option('--labels <uri>', 'its labels, likewise')
    .option('--classes <uri>', 'its list of classes, likewise')
    .option('--public-key <file>', "the signer's public key, from a source that you trust")
    .option('--challenge <text>', 'the text that you had handed in before the run')
    .option('--device <device>', 'what replays: cpu, cuda:0 (an NVIDIA GPU), or webgpu', 'cpu')
    .option('--processes <n>', 'model processes (default: one a core; one on a GPU)', wholeNumber({ min: 1 }))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exit code 0 where every check passed or was only noted, 1 where one failed.
docs/verify.md explains each.

Examples:
  perimeter verify perimeter-results/runs/nightly-7
  perimeter verify ./nightly-7 --public-key lab.pub --replay 100%
  perimeter verify ./nightly-7 --model m.onnx --dataset test.npz`,
    )
    .action(verify);
}

async function verify(run: string, flags: Flags) {
  const [{ verifyRun }, { createSampler }, { openStore }, { readKey }, { progressDisplay }] = await Promise.all([
    import('../../certification/verification/verify-run.ts'),
    import('../../certification/sampler.ts'),
    import('../../certification/storage/open-store.ts'),
    import('../../certification/signing/read-key.ts'),
    import('../progress-display.ts'),
  ]);
  const { json, publicKey, challenge, model, dataset, labels, classes } = flags;
  const folder = openStore(runLocation(run, flags.out));
  const key = publicKey === undefined ? undefined : await readKey(publicKey, 'public');
  const display = json === true ? undefined : progressDisplay(process.stderr);
  const sampler = createSampler({ device: parseDevice(flags.device), processes: flags.processes });
  const checks: Check[] = [];
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt);
  try {
    const sound = await verifyRun({
      folder,
      sampler,
      generation: flags.generation,
      replay: flags.replay,
      replaySeed: flags.replaySeed ?? randomBytes(4).toString('hex'),
      inputs: {
        ...(model !== undefined && { model: absoluteLocation(model, '.') }),
        ...(dataset !== undefined && { dataset: absoluteLocation(dataset, '.') }),
        ...(labels !== undefined && { labels: absoluteLocation(labels, '.') }),
        ...(classes !== undefined && { classes: absoluteLocation(classes, '.') }),
      },
      publicKey: key,
      challenge,
      onCheck: (check) => {
        checks.push(check);
        display?.clear();
        if (json !== true)
          process.stdout.write(`${check.status.padEnd(6)}  ${check.name.padEnd(12)}  ${check.detail}\n`);
      },
      onReplay: (replayed, of) => {
        display?.show({
          state: 'replaying',
          examples: of,
          examplesFinished: replayed,
          samples: of,
          samplesDone: replayed,
        });
      },
      signal: stop.signal,
    });
    if (json === true) process.stdout.write(`${JSON.stringify({ run, verified: sound, checks })}\n`);
    else process.stdout.write(verdict(sound, checks));
    if (!sound) process.exitCode = exitCodes.failed;
  } catch (error) {
    display?.clear();
    if (!stop.signal.aborted) throw error;
    process.stderr.write('Interrupted: not all checks were made.\n');
    process.exitCode = exitCodes.failed;
  } finally {
    process.removeListener('SIGINT', interrupt);
    await sampler.close();
  }
}

function verdict(sound: boolean, checks: readonly Check[]): string {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const tally = `${count('passed')} checks passed, ${count('noted')} noted, ${count('failed')} failed`;
  return `\n${sound ? 'Verified' : 'NOT verified'}: ${tally}.\n`;
}

/** A share as people write it: 2%, 0.02, 100%. */
function share(text: string): number {
  const percent = /^(.+)%$/.exec(text.trim());
  const value = percent === null ? Number(text) : Number(percent[1]) / 100;
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a share from 0 to 1, or a percentage such as 2%.');
}
