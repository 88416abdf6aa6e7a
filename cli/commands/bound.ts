import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { z } from 'zod';
import { fromOwnNorm, ownNorm } from '../../certification/convert-norm.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { norms, normSymbols, type Norm } from '../../certification/records/norm.ts';
import { formatRadius } from '../../certification/report/format-radius.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';

const caseSchema = z
  .strictObject({
    count: z.int().min(0),
    n: z.int().min(1).max(1e12),
    alpha: z.number().gt(0).max(0.5),
    distribution: z.enum(['gaussian', 'uniform']).optional(),
    sigma: z.number().positive().optional(),
    lambda: z.number().positive().optional(),
    norm: z.enum(norms).optional(),
    dimensions: z.int().min(1).optional(),
    runnerUp: z.int().min(0).optional(),
  })
  .refine(({ count, n }) => count <= n, 'count must not exceed n')
  .refine(
    ({ distribution, sigma, lambda }) => (distribution === 'uniform' ? sigma : lambda) === undefined,
    'sigma is of gaussian noise and lambda of uniform noise: give the one that belongs to the distribution',
  )
  .refine(
    ({ norm, dimensions, distribution }) =>
      dimensions !== undefined || !needsDimensions({ norm, uniform: distribution === 'uniform' }),
    'this norm needs dimensions, the number of values of an example',
  )
  .refine(({ count, n, runnerUp }) => count + (runnerUp ?? 0) <= n, 'count and runnerUp together must not exceed n');
type Case = z.infer<typeof caseSchema>;

/** Whether a radius in that norm depends on how many values an example has. */
function needsDimensions({ norm, uniform }: { norm: Norm | undefined; uniform: boolean }): boolean {
  return norm === 'linf' || (uniform && norm === 'l2');
}

/** `perimeter bound`: the bound and radius of given counts, by the functions that certify. */
export function boundCommand(): Command {
  return new Command('bound')
    .description('The lower bound and radius of given counts.')
    .option('--count <k>', 'samples of the top class', Number)
    .option('--n <n>', 'samples in all', Number)
    .option('--alpha <a>', 'one minus the confidence', Number)
    .option('--sigma <s>', 'standard deviation of the noise; with it the radius is in input units', Number)
    .option('--distribution <name>', 'law of the noise: gaussian (default) or uniform')
    .option('--lambda <l>', 'half the width of uniform noise; with it the radius is in input units', Number)
    .option('--norm <name>', "of the radius: l2, l1 or linf (default: the law's own, l2 or of uniform noise l1)")
    .option('--dimensions <d>', 'values of an example, which other norms than these need', Number)
    .option('--runner-up <j>', 'the largest other count; with it the runner-up class is bounded too', Number)
    .option('--json', 'print one JSON object')
    .option('--jsonl', 'answer one JSON case a line from standard input')
    .addHelpText(
      'after',
      `
Without --runner-up the bound is Clopper & Pearson's at alpha (Cohen et al. 2019); with it, at 0.9 alpha, and the
runner-up's at 0.1 alpha.

Examples:
  perimeter bound --count 9990 --n 10000 --alpha 0.001 --sigma 0.25
  perimeter bound --count 9990 --n 10000 --alpha 0.001 --distribution uniform --lambda 0.5
  perimeter bound --count 9990 --n 10000 --alpha 0.001 --sigma 0.25 --norm linf --dimensions 3072
  echo '{"count":9990,"n":10000,"alpha":0.001}' | perimeter bound --jsonl`,
    )
    .action(
      async ({ json, jsonl, ...flags }: { json?: boolean; jsonl?: boolean } & Record<string, string | number>) => {
        if (jsonl === true) await answerLines();
        else {
          const given = parseCase(flags, 'the flags');
          print(answer(given), given, json === true);
        }
      },
    );
}

async function answerLines() {
  let line = 0;
  for await (const text of createInterface({ input: process.stdin })) {
    line++;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new PerimeterError(
        'InvalidRequest',
        `Standard input, line ${line}: expected one JSON object, found ${JSON.stringify(text.slice(0, 80))}.`,
      );
    }
    const given = parseCase(value, `Standard input, line ${line}`);
    process.stdout.write(`${JSON.stringify({ ...given, ...answer(given) })}\n`);
  }
}

function parseCase(value: unknown, source: string): Case {
  const parsed = caseSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue.path.join('.');
  const found = (value as Record<string, unknown> | null)?.[path];
  const about = path === '' ? '' : `${path} is ${found === undefined ? 'missing' : JSON.stringify(found)}: `;
  throw new PerimeterError('InvalidRequest', `${source}: ${about}${issue.message}.`);
}

interface Answer {
  readonly lowerBound: number;
  readonly oneMinusLowerBound: number;
  readonly norm?: Norm;
  readonly radiusPerSigma?: number;
  readonly radiusPerLambda?: number;
  readonly radius?: number;
  readonly abstain: boolean;
}

function answer({ count, n, alpha, distribution, sigma, lambda, norm: asked, dimensions = 1, runnerUp }: Case): Answer {
  const bound = runnerUp === undefined ? 'clopper-pearson' : 'runner-up';
  const uniform = distribution === 'uniform';
  const decide = (scale: number) => {
    const noise = uniform ? { sigma: uniformSigma(scale), lambda: scale } : { sigma: scale };
    return certify({ count, runnerUpCount: runnerUp ?? 0, n, alpha, bound, ...noise, margin: 0 });
  };
  const ofOne = decide(1);
  const { lowerBound, oneMinusLowerBound, status } = ofOne;
  const threat = { lambda: uniform ? 1 : undefined, dimensions };
  const norm = asked ?? ownNorm(threat);
  const radiusOf = (decision: typeof ofOne) =>
    decision.status === 'certified' ? fromOwnNorm(decision.radius, { ...threat, norm }) : 0;
  const scale = uniform ? lambda : sigma;
  return {
    lowerBound,
    oneMinusLowerBound,
    ...(norm !== 'l2' && { norm }),
    ...(uniform ? { radiusPerLambda: radiusOf(ofOne) } : { radiusPerSigma: radiusOf(ofOne) }),
    ...(scale !== undefined && { radius: radiusOf(decide(scale)) }),
    abstain: status === 'abstained',
  };
}

function print(result: Answer, { distribution }: Case, json: boolean) {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { norm, radius = result.radiusPerSigma ?? result.radiusPerLambda ?? 0 } = result;
  const unit = result.radius !== undefined ? '' : distribution === 'uniform' ? ' lambda' : ' sigma';
  const which = norm === undefined ? '' : ` in ${normSymbols[norm]}`;
  process.stdout.write(
    [
      `lower bound      ${result.lowerBound}`,
      `1 - lower bound  ${result.oneMinusLowerBound}`,
      result.abstain ? 'radius           none: ABSTAIN' : `radius           ${formatRadius(radius, 6)}${unit}${which}`,
      '',
    ].join('\n'),
  );
}
