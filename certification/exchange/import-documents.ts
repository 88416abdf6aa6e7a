import { recordBytes } from '../records/canonical-json.ts';
import { COHEN_ABSTAIN } from '../records/cohen-columns.ts';
import { normSymbols } from '../records/norm.ts';
import { runFiles } from '../records/run-keys.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { curveSvg } from '../report/curve-svg.ts';
import { outcomes, type ExampleColumns, type Outcome } from '../report/example-columns.ts';
import { groupThousands } from '../report/group-thousands.ts';
import type { Fact } from '../report/html-tables.ts';
import type { ReportedClaim } from '../report/reported-claim.ts';
import { reportHtml } from '../report/report-html.ts';
import { uniformSigma } from '../smoothing/noise-scale.ts';
import type { CohenRows } from './read-cohen.ts';

/** A file that an import leaves. */
export interface ImportDocument {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Summary, curve and page of an import, as a run has them; a function of the arguments alone. */
export async function importDocuments({
  rows,
  sha256,
  results,
}: {
  rows: CohenRows;
  sha256: string;
  results: CertifiedResults;
}): Promise<ImportDocument[]> {
  const { summary, notes } = results;
  const claim = reportedClaim(results);
  const page = await reportHtml({
    summary,
    claim,
    examples: columnsOf(rows),
    imported: { evidence: evidenceOf(results, sha256), notes },
  });
  const text = (content: string) => new TextEncoder().encode(content);
  return [
    { name: runFiles.summary, contentType: 'application/json', bytes: recordBytes(summary) },
    { name: 'curve.svg', contentType: 'image/svg+xml', bytes: text(await curveSvg({ summary, claim })) },
    { name: runFiles.page, contentType: 'text/html; charset=utf-8', bytes: text(page) },
  ];
}

function reportedClaim({ setting: { norm, law, n0, n, alpha, rho, scale } }: CertifiedResults): ReportedClaim {
  const sampling = { mode: 'fixed', n0, n, alpha, bound: 'clopper-pearson', skipMisclassified: false, rho } as const;
  const noise = law === 'uniform' ? { sigma: uniformSigma(scale), lambda: scale } : { sigma: scale };
  return { sampling, noise, ...(norm !== 'l2' && { norm }), imported: true };
}

function evidenceOf({ name, model, setting, summary }: CertifiedResults, sha256: string): Fact[] {
  const { norm, law, scale, n0, n, alpha, rho } = setting;
  return [
    ['File', name],
    ['File, SHA-256', sha256],
    ...(model === undefined ? [] : [['Model, by the file’s path', model] as const]),
    ['Radii', normSymbols[norm]],
    law === 'uniform' ? ['Uniform noise λ', scale] : ['Noise σ', scale],
    ['Selection n0', groupThousands(n0)],
    ['Estimation n', groupThousands(n)],
    ['α: a certificate is wrong', alpha],
    ['ρ: a bound is wrong', rho],
    ['Digest of all this', summary.claim],
  ];
}

/** What the page shows of examples; counts, guesses and bounds are not in the file, and not shown. */
function columnsOf({ indices, labels, predictions, radii }: CohenRows): ExampleColumns {
  const { length } = indices;
  const none = new Uint32Array(length);
  const outcomeOf = (at: number): Outcome => {
    if (predictions[at] === COHEN_ABSTAIN) return 'abstained';
    return predictions[at] === labels[at] ? 'certified' : 'misclassified';
  };
  return {
    index: indices,
    label: labels,
    prediction: predictions,
    selected: predictions,
    outcome: Uint8Array.from(indices, (_, at) => outcomes.indexOf(outcomeOf(at))),
    radius: radii,
    n: none,
    count: none,
    lowerBound: new Float64Array(length),
  };
}
