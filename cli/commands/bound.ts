import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { z } from 'zod';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { formatRadius } from '../../certification/report/format-radius.ts';
import { certify } from '../../certification/smoothing/certify.ts';

const caseSchema = z
  .strictObject({
    count: z.int().min(0),
    n: z.int().min(1).max(1e12),
    alpha: z.number().gt(0).max(0.5),
    sigma: z.number().positive().optional(),
    runnerUp: z.int().min(0).optional(),
  })
  .refine(({ count, n }) => count <= n, 'count must not exceed n')
  .refine(({ count, n, runnerUp }) => count + (runnerUp ?? 0) <= n, 'count and runnerUp together must not exceed n');
type Case = z.infer<typeof caseSchema>;

/** `perimeter bound`: the bound and radius of given counts, by the functions that certify. */
export function boundCommand(): Command {
  return new Command('bound')
    .description('The lower bound and radius of given counts.')
    .option('--count <k>', 'samples of the top class', Number)
    .option('--n <n>', 'samples in all', Number)
    .option('--alpha <a>', 'one minus the confidence', Number)
    .option('--sigma <s>', 'standard deviation of the noise; with it the radius is in input units', Number)
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
  echo '{"count":9990,"n":10000,"alpha":0.001}' | perimeter bound --jsonl`,
    )
    .action(async ({ json, jsonl, ...flags }: { json?: boolean; jsonl?: boolean } & Record<string, number>) => {
      if (jsonl === true) await answerLines();
      else print(answer(parseCase(flags, 'the flags')), flags.sigma, json === true);
    });
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
  readonly radiusPerSigma: number;
  readonly radius?: number;
  readonly abstain: boolean;
}

function answer({ count, n, alpha, sigma, runnerUp }: Case): Answer {
  const bound = runnerUp === undefined ? 'clopper-pearson' : 'runner-up';
  const decide = (unit: number) =>
    certify({ count, runnerUpCount: runnerUp ?? 0, n, alpha, bound, sigma: unit, margin: 0 });
  const perSigma = decide(1);
  const { lowerBound, oneMinusLowerBound, status } = perSigma;
  const radiusOf = (decision: typeof perSigma) => (decision.status === 'certified' ? decision.radius : 0);
  return {
    lowerBound,
    oneMinusLowerBound,
    radiusPerSigma: radiusOf(perSigma),
    ...(sigma !== undefined && { radius: radiusOf(decide(sigma)) }),
    abstain: status === 'abstained',
  };
}

function print(result: Answer, sigma: number | undefined, json: boolean) {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const radius = result.radius ?? result.radiusPerSigma;
  const unit = sigma === undefined ? ' sigma' : '';
  process.stdout.write(
    [
      `lower bound      ${result.lowerBound}`,
      `1 - lower bound  ${result.oneMinusLowerBound}`,
      result.abstain ? 'radius           none: ABSTAIN' : `radius           ${formatRadius(radius, 6)}${unit}`,
      '',
    ].join('\n'),
  );
}
