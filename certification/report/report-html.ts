import type { Claim, FixedSampling, SequentialSampling } from '../records/claim.ts';
import type { Summary } from '../records/summary.ts';
import { accuracyRows } from './accuracy-rows.ts';
import { certifySampling } from './certify-sampling.ts';
import { escapeHtml } from './escape-html.ts';
import { formatRadius } from './format-radius.ts';
import { floorPercent } from './floor-percent.ts';
import { groupThousands } from './group-thousands.ts';
import { samplesAnExample } from './samples-an-example.ts';
import { SIMULATED } from './simulated.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #5f6368; --rule: #dfe1e5; --page: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --quiet: #a5abb3; --rule: #3c4043; --page: #17181a; }
}
body { margin: 0 auto; max-width: 48rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background: var(--page);
  font: 16px/1.5 system-ui, "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
figure { margin: 1.5rem 0; }
figure svg { display: block; width: 100%; max-width: 604px; height: auto; border-radius: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { color: var(--quiet); font-size: .9rem; text-align: left; }
caption { padding-bottom: .4rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: right; border-bottom: 1px solid var(--rule); font-weight: normal; }
td { white-space: nowrap; }
th:first-child, .evidence th { text-align: left; }
thead th { color: var(--quiet); font-size: .9rem; vertical-align: bottom; }
.evidence th { width: 14rem; color: var(--quiet); vertical-align: top; }
.evidence td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
code { font: .78em/1.5 ui-monospace, "Liberation Mono", monospace; }
@media print { :root { --ink: #000; --quiet: #444; --rule: #bbb; --page: #fff; } body { padding: 0; max-width: none; }
  tr, figure { break-inside: avoid; } h2 { break-after: avoid; } }
`;

/**
 * A run's report as one HTML page that needs nothing beside it: no scripts, no network. A function of its arguments
 * alone.
 *
 * @param claim of sampling mode "fixed" or "sequential".
 * @param svg the curve, as `curveSvg` draws it: markup, put into the page as it is.
 */
export function reportHtml({ summary, claim, svg }: { summary: Summary; claim: Claim; svg: string }): string {
  const { examples, rho, certified, abstained, skipped, failed, simulated } = summary;
  const title = `${simulated ? 'Simulated: certified' : 'Certified'} accuracy at σ = ${escapeHtml(claim.noise.sigma)}`;
  const count = (value: number) => `${groupThousands(value)} (${floorPercent(value, examples)})`;
  const atLeast = summary.mode === 'sequential' ? 'at least ' : '';
  const facts: Fact[] = [
    ['Clean accuracy', count(Math.round(summary.cleanAccuracy * examples))],
    ['Average certified radius', `${atLeast}${formatRadius(summary.averageCertifiedRadius, 4)}`],
    ['Certified', count(certified)],
    ['Abstained', count(abstained)],
    ['Skipped as misclassified', count(skipped)],
    ['Failed', count(failed)],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${simulated ? `<p><strong>${SIMULATED}</strong></p>\n` : ''}<p>Certified accuracy at a radius is the share of all ${groupThousands(examples)} examples that the smoothed classifier
gets right with a certificate of at least that radius: no perturbation of a smaller ℓ2 norm changes its answer, and ${whatHolds(claim)}</p>
<figure>
${svg.trim()}
</figure>
${factTable('Over all examples', facts)}
<h2>At each radius</h2>
<div class="scroll"><table>
<caption>Radii are ℓ2, in input units. Percentages are rounded down. Each lower bound on the share of examples that are
truly robust holds with probability 1 − ${escapeHtml(rho)}.</caption>
${head(['radius', 'certified', 'accuracy', 'lower bound at this radius', 'lower bound at all radii'])}
<tbody>
${accuracyRows(summary)
  .map((row) => bodyRow([row.radius, row.certified, row.accuracy, row.lower, row.wholeCurveLower]))
  .join('\n')}
</tbody>
</table></div>
<h2>By class</h2>
<div class="scroll"><table>
${head(['class', 'examples', 'certified', 'certified and correct', 'abstained', 'average certified radius'])}
<tbody>
${summary.perClass
  .map((row) => {
    const counts = [row.label, row.examples, row.certified, row.correct, row.abstained].map(String);
    return bodyRow([...counts, formatRadius(row.averageCertifiedRadius, 4)]);
  })
  .join('\n')}
</tbody>
</table></div>
<h2>What the certificates rest on</h2>
${factTable('The claim: with the same model, dataset, seed and arithmetic these results come out again, bit for bit', evidence(summary, claim))}
</main>
</body>
</html>
`;
}

/** What is true of certificates, and what of radii that weren't asked for. */
function whatHolds(claim: Claim): string {
  const sampling = certifySampling(claim);
  const alpha = escapeHtml(sampling.alpha);
  if (sampling.mode === 'fixed') return `each\ncertificate is wrong with probability at most ${alpha}.`;
  const atZero = sampling.radii[0] === 0 ? ' At radius 0 its answer at the example itself is certified.' : '';
  return (
    `the\ncertificates of one example, at all radii, are all right with probability at least 1 − ${alpha}.${atZero}\n` +
    'Only the radii that were asked for are decided, so that an average of certified radii is a lower bound.'
  );
}

type Fact = readonly [name: string, value: string | number];

function evidence(summary: Summary, claim: Claim): Fact[] {
  const { model, dataset, noise, arithmetic } = claim;
  const step = dataset.stride === 1 ? '' : `, every ${dataset.stride}th`;
  return [
    ['Claim digest', summary.claim],
    ['Model, SHA-256', model.sha256],
    ['Dataset, SHA-256', dataset.sha256],
    ['Examples', `${groupThousands(dataset.count)} of ${groupThousands(dataset.examples)}${step}`],
    ['Noise σ', noise.sigma],
    ...statistics(summary, certifySampling(claim)),
    ['Seed', claim.seed],
    ['Noise', `${noise.law} on ${noise.stepsPerUnit} steps a unit, ${noise.generator}`],
    ['Noise budget', noise.budget],
    [
      'Arithmetic',
      `${arithmetic.runtime}, ${arithmetic.provider}, threads ${arithmetic.threads}, batch ${arithmetic.batchSize}`,
    ],
    ['Arithmetic probe', arithmetic.probe],
    ['Code, SHA-256', claim.code],
    ...(claim.stub ? [simulation(claim.stub)] : []),
  ];
}

function simulation({ pA: { a, b } }: NonNullable<Claim['stub']>): Fact {
  return ['Simulated', `each example's probability of its label is drawn from Beta(${a}, ${b})`];
}

function statistics(summary: Summary, sampling: FixedSampling | SequentialSampling): Fact[] {
  const { n0, n, alpha, rho } = sampling;
  const samples = groupThousands(summary.samples);
  const misclassified: Fact = ['Misclassified examples', sampling.skipMisclassified ? 'skipped' : 'certified too'];
  if (sampling.mode === 'fixed') {
    return [
      ['Selection n0', groupThousands(n0)],
      ['Estimation n', groupThousands(n)],
      ['Samples in all', samples],
      ...savingOf(summary),
      ['α: a certificate is wrong', alpha],
      ['ρ: a bound is wrong', rho],
      ['Bound', sampling.bound],
      misclassified,
    ];
  }
  const { mostSamples = 0, lastLooks = [] } = summary;
  const { mean, most = 0 } = samplesAnExample(summary);
  const estimations = lastLooks.reduce((sum, { examples }) => sum + examples, 0);
  const whole = lastLooks.find((look) => look.n === n)?.examples ?? 0;
  return [
    ['Mode', 'sequential'],
    ['Radii decided', sampling.radii.join(', ')],
    ['Selection n0', groupThousands(n0)],
    ['Estimation n, at most', groupThousands(n)],
    ['Samples in all', `${samples} of at most ${groupThousands(mostSamples)}`],
    ['Samples an example', `${groupThousands(mean)} on average of at most ${groupThousands(most)}`],
    ...savingOf(summary),
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

function savingOf(summary: Summary): Fact[] {
  if (summary.skipped === 0) return [];
  const atMost = summary.mode === 'sequential' ? 'at most ' : '';
  const { saved } = samplesAnExample(summary);
  return [
    [
      'Samples saved by skipping',
      `${atMost}${groupThousands(summary.skippedSamples)}, ${atMost}${groupThousands(saved)} an example`,
    ],
  ];
}

function factTable(caption: string, facts: readonly Fact[]): string {
  const rows = facts.map(([name, value]) => {
    const text = escapeHtml(value);
    const shown = /^[0-9a-f]{64}$/.test(text) ? `<code>${text}</code>` : text;
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${shown}</td></tr>`;
  });
  return `<table class="evidence">\n<caption>${escapeHtml(caption)}.</caption>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function head(headings: readonly string[]): string {
  return `<thead><tr>${headings.map((heading) => `<th scope="col">${escapeHtml(heading)}</th>`).join('')}</tr></thead>`;
}

function bodyRow([first, ...rest]: readonly string[]): string {
  const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
  return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
}
