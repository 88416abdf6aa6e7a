import { claimThreat } from '../claim-threat.ts';
import { ownNorm } from '../convert-norm.ts';
import type { Claim, FixedSampling, SequentialSampling } from '../records/claim.ts';
import { normSymbols } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import { certifySampling } from './certify-sampling.ts';
import { groupThousands } from './group-thousands.ts';
import type { Fact } from './html-tables.ts';

/** What a run's certificates rest on, as its claim says. */
export function evidenceFacts(summary: Summary, claim: Claim): Fact[] {
  const { model, dataset, noise, arithmetic } = claim;
  const step = dataset.stride === 1 ? '' : `, every ${dataset.stride}th`;
  return [
    ['Claim digest', summary.claim],
    ['Model, SHA-256', model.sha256],
    ['Dataset, SHA-256', dataset.sha256],
    ['Examples', `${groupThousands(dataset.count)} of ${groupThousands(dataset.examples)}${step}`],
    noise.lambda === undefined ? ['Noise σ', noise.sigma] : ['Noise λ', noise.lambda],
    ...radiiFact(claim),
    ...statistics(summary, certifySampling(claim)),
    ['Seed', claim.seed],
    ['Noise', `${noise.law} on ${noise.stepsPerUnit} steps a unit, ${noise.generator}`],
    ['Noise budget', noise.budget],
    ['Device and arithmetic', arithmeticText(arithmetic)],
    ['Arithmetic probe', arithmetic.probe],
    ['Code, SHA-256', claim.code],
    ...(claim.stub ? [simulation(claim.stub)] : []),
  ];
}

/** How the radii come out of the noise's own ones, where they are not ℓ2. */
function radiiFact(claim: Claim): Fact[] {
  if (claim.norm === undefined) return [];
  const threat = claimThreat(claim);
  const own = normSymbols[ownNorm(threat)];
  const values = groupThousands(threat.dimensions);
  const how = {
    l1: own === 'ℓ1' ? '' : `: the ${own} radii`,
    linf: `: the ${own} radii over ${own === 'ℓ1' ? values : `√${values}`}`,
  };
  return [['Radii', `${normSymbols[claim.norm]}${how[claim.norm]}`]];
}

function arithmeticText({ provider, runtime, threads, batchSize, cuda }: Claim['arithmetic']): string {
  const products = cuda && (cuda.tf32 ? ['TF32 allowed'] : ['full float32']);
  return [provider, runtime, `threads ${threads}`, `batch ${batchSize}`, ...(products ?? [])].join(', ');
}

function simulation({ pA: { a, b } }: NonNullable<Claim['stub']>): Fact {
  return ['Simulated', `each example's probability of its label is drawn from Beta(${a}, ${b})`];
}

function statistics(summary: Summary, sampling: FixedSampling | SequentialSampling): Fact[] {
  const { n0, n, alpha, rho } = sampling;
  const misclassified: Fact = ['Misclassified examples', sampling.skipMisclassified ? 'skipped' : 'certified too'];
  if (sampling.mode === 'fixed') {
    return [
      ['Selection n0', groupThousands(n0)],
      ['Estimation n', groupThousands(n)],
      ['α: a certificate is wrong', alpha],
      ['ρ: a bound is wrong', rho],
      ['Bound', sampling.bound],
      misclassified,
    ];
  }
  const { lastLooks = [] } = summary;
  const estimations = lastLooks.reduce((sum, { examples }) => sum + examples, 0);
  const whole = lastLooks.find((look) => look.n === n)?.examples ?? 0;
  return [
    ['Mode', 'sequential'],
    ['Radii decided', sampling.radii.join(', ')],
    ['Selection n0', groupThousands(n0)],
    ['Estimation n, at most', groupThousands(n)],
    ['Estimations that took all n', `${groupThousands(whole)} of ${groupThousands(estimations)}`],
    ['α: any of an example’s certificates is wrong', alpha],
    ['ρ: a bound is wrong', rho],
    [
      'Tests',
      'mixture likelihood ratio at all looks before the last, together at α/10; Clopper–Pearson at the last, at 0.9 α',
    ],
    misclassified,
  ];
}
