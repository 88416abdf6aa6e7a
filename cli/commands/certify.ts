import { Command } from 'commander';
import { checkRequest } from '../../certification/check-request.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { newRunId } from '../../certification/records/new-run-id.ts';
import type { Request } from '../../certification/records/request.ts';
import { addTemporalFlags, type TemporalFlags } from '../connect.ts';
import { addRequestFlags, askedSettings, requestOf, type RequestFlags } from '../read-request.ts';
import { runByWorkers } from '../run-by-workers.ts';
import { signingKey } from '../signing-flags.ts';
import { studyOf } from '../study/read-study.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends TemporalFlags {
  readonly local?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly processes?: number;
  readonly sign?: string;
}

/** `perimeter certify`: CERTIFY over a test set. */
export function certifyCommand(): Command {
  return sampleCommand('certify', 'certify')
    .description('Certify a test set: a class and a radius for each example.')
    .addHelpText(
      'after',
      `
Examples:
  perimeter certify examples/fashion-mnist/request.yaml --local
  perimeter certify request.yaml --n 10000 --run nightly-7
  perimeter certify request.yaml --sign perimeter.key
  perimeter certify --model m.onnx --dataset d.npz --sigma 0.25 --out s3://b/o

Several sigma, or pairs of model and sigma in a file, make a study: a run of
each, and their table with its upper envelope.
  perimeter certify request.yaml --sigma 0.25,0.5 --run study-7
  perimeter certify examples/fashion-mnist/study.yaml --local`,
    );
}

/** `perimeter predict`: PREDICT over a test set. */
export function predictCommand(): Command {
  return sampleCommand('predict', 'predict')
    .description(
      "Predict with the smoothed classifier over a test set: a class and its test's p-value for each example.",
    )
    .addHelpText('after', '\nExample:\n  perimeter predict examples/fashion-mnist/request.yaml --n 1000 --local');
}

function sampleCommand(name: string, mode: Request['mode']): Command {
  const command = addTemporalFlags(addRequestFlags(new Command(name)))
    .option('--local', 'in this process, without Temporal')
    .option('--processes <n>', 'with --local: model processes (default: one a core)', wholeNumber({ min: 1 }))
    .option('--detach', 'start it and return; "perimeter status" follows it')
    .option('--sign <key>', 'sign the finished run with this file\'s private key ("perimeter keys new")')
    .option('--json', 'print the result as one JSON object');
  return command.action(async (file: string | undefined, flags: Flags & RequestFlags) => {
    const { local, json, detach, processes, sign, address, namespace, ...requestFlags } = flags;
    if (local === true && detach === true) {
      throw new PerimeterError(
        'InvalidRequest',
        '--detach leaves a run to workers, and --local carries it out here: leave one of the two out.',
      );
    }
    const asked = askedSettings(file, requestFlags, mode);
    const temporal = { ...(address && { address }), ...(namespace && { namespace }) };
    const study = mode === 'certify' ? studyOf(asked) : undefined;
    if (study !== undefined) {
      const { runStudy } = await import('../study/run-study.ts');
      await runStudy(study, {
        local,
        json,
        detach,
        processes,
        temporal,
        privateKey: await signingKey({ sign, detach }),
      });
      return;
    }
    const request = requestOf(asked, mode);
    checkRequest(request);
    const privateKey = await signingKey({ sign, detach });
    const run = request.run ?? newRunId(new Date());
    if (local === true) {
      const { runLocally } = await import('../run-locally.ts');
      await runLocally({ ...request, run }, { json, processes, privateKey });
      return;
    }
    await runByWorkers(
      { span: name, run, temporal, detach, isOnItsWay: 'is under way', privateKey, json },
      async (client) => {
        const { startRun } = await import('../runs.ts');
        return { handle: await startRun(client, { request, run }), run, out: request.out };
      },
    );
  });
}
