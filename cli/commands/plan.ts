import { Command } from 'commander';
import { parseDevice } from '../../certification/records/device.ts';
import { seedlessDigest } from '../../certification/records/claim.ts';
import { plannedSamples, samplesPerExample } from '../../certification/records/plan.ts';
import { normSymbols } from '../../certification/records/norm.ts';
import { scaleWords } from '../../certification/report/scale-text.ts';
import type { ExpectedCost } from '../../certification/pilot-cost.ts';
import { duration } from '../progress-display.ts';
import { addRequestFlags, readRequest, type RequestFlags } from '../read-request.ts';
import { wholeNumber } from '../whole-number.ts';

/** `perimeter plan`: what a request would take, and what its certificates would rest on; nothing is written. */
export function planCommand(): Command {
  return addRequestFlags(new Command('plan'))
    .description('What a request would take on this machine; writes nothing.')
    .option('--processes <n>', 'model processes (default: one a core)', wholeNumber({ min: 1 }))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
With --radii the expected cost is measured by a pilot: 5 % of the examples, at most 200.

Examples:
  perimeter plan examples/fashion-mnist/request.yaml --n 100000
  perimeter plan examples/fashion-mnist/request.yaml --n 10000 --radii 0,0.25,0.5`,
    )
    .action(
      async (
        file: string | undefined,
        { json, processes, ...flags }: RequestFlags & { json?: boolean; processes?: number },
      ) => {
        const [{ draftClaim }, { createSampler }, { chooseShardSize, digestDraft }, { pilotCost }] = await Promise.all([
          import('../../certification/draft-claim.ts'),
          import('../../certification/sampler.ts'),
          import('../../certification/plan-run.ts'),
          import('../../certification/pilot-cost.ts'),
        ]);
        const request = readRequest(file, flags);
        const sampler = createSampler({ device: parseDevice(request.device), processes });
        try {
          const draft = await draftClaim(sampler, request);
          const { samplesPerSecond } = draft;
          const { claim } = await digestDraft(request, draft);
          const expected = claim.sampling.mode === 'sequential' ? await pilotCost(sampler, request, draft) : undefined;
          const shardSize = request.shardSize ?? chooseShardSize(claim, samplesPerSecond);
          const shards = Math.ceil(claim.dataset.count / shardSize);
          const samples = plannedSamples(claim);
          const seconds = (expected?.samples ?? samples) / samplesPerSecond;
          if (json === true) {
            const { noise } = claim;
            process.stdout.write(
              `${JSON.stringify({ shards, shardSize, samples, samplesPerSecond, seconds, noiseBudget: noise.budget, claim, seedlessClaim: seedlessDigest(claim), ...(expected && { expected }) })}\n`,
            );
            return;
          }
          const { dataset, model, noise, arithmetic } = claim;
          const lines = {
            ...(claim.stub && { stub: 'no model is run and nothing certified; counts are drawn from a law' }),
            examples: `${dataset.count} of ${dataset.examples}, ${model.shape.join('×')}, ${model.classes} classes`,
            shards: `${shards} of up to ${shardSize} examples`,
            ...(expected && expectedLines(expected)),
            samples: `${samples.toLocaleString('en')} at most, ${samplesPerExample(claim.sampling).toLocaleString('en')} an example`,
            rate: `${Math.round(samplesPerSecond).toLocaleString('en')} samples/s here, with ${sampler.processes} model processes`,
            time: `${expected === undefined ? '' : 'about '}${duration(seconds)} with one such sampler`,
            noise: `${scaleWords(noise)} on a lattice of 1/${noise.stepsPerUnit}, budget ${noise.budget.toExponential(2)} added to 1 - p`,
            ...(claim.norm !== undefined && { radii: `of ${normSymbols[claim.norm]}` }),
            claim: `${seedlessDigest(claim).slice(0, 16)}… without its seed (--json has it whole)`,
            arithmetic: `${arithmetic.runtime}, batches of ${arithmetic.batchSize}${arithmetic.batchInvariant ? '' : ', not mixed (logits depend on the place in a batch)'}`,
          };
          for (const [name, text] of Object.entries(lines)) process.stdout.write(`${name.padEnd(11)} ${text}\n`);
        } finally {
          await sampler.close();
        }
      },
    );
}

function expectedLines({ pilotExamples, samplesPerExample, samples, interval }: ExpectedCost) {
  const count = (value: number) => Math.round(value).toLocaleString('en');
  const range = interval === undefined ? '' : ` (95 % interval ${interval.map(count).join(' to ')})`;
  return {
    pilot: `${pilotExamples} examples took ${count(samplesPerExample)} samples each on average`,
    expected: `${count(samples)} samples${range}`,
  };
}
