import type { Claim } from '../records/claim.ts';
import { normOf, normSymbols } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import { accuracySection, pointChange } from './accuracy-section.ts';
import { accuracyTitle } from './accuracy-title.ts';
import { certifySampling } from './certify-sampling.ts';
import { certifiedAt, curveSection, type CurveBaseline } from './curve-section.ts';
import { escapeHtml } from './escape-html.ts';
import { evidenceFacts } from './evidence-facts.ts';
import type { ExampleColumns } from './example-columns.ts';
import { exampleList } from './example-list.ts';
import { exampleTable } from './example-table.ts';
import { floorPercent } from './floor-percent.ts';
import { formatRadius } from './format-radius.ts';
import { groupThousands } from './group-thousands.ts';
import { histogramSection } from './histogram-section.ts';
import { bodyRow, factTable, head, scrollFrame, type Fact } from './html-tables.ts';
import { IMPORTED } from './imported.ts';
import { middlingRadius } from './middling-radius.ts';
import { NOT_REPLAYABLE } from './not-replayable.ts';
import { outcomeSection } from './outcome-section.ts';
import { pageAssets } from './page-assets.ts';
import { radiusTexts } from './radius-texts.ts';
import type { ReportedClaim } from './reported-claim.ts';
import { samplesAnExample } from './samples-an-example.ts';
import { scaleText } from './scale-text.ts';
import { SIMULATED } from './simulated.ts';
import { tableRadii } from './table-radii.ts';
import type { Thumbnails } from './thumbnails.ts';

/** A run that another one's page has beside it. */
export interface ReportBaseline extends CurveBaseline {
  /** Where it is of the same examples: theirs, at the same positions. */
  readonly examples?: ExampleColumns | undefined;
}

/** What a page says of results that were made elsewhere, in the place of a run's claim and files. */
export interface ImportedContent {
  readonly evidence: readonly Fact[];
  /** What a reader should know of them, a sentence each. */
  readonly notes: readonly string[];
}

/** What a run's page is made of. */
export type RunContent = CommonContent & {
  /** Of sampling mode "fixed" or "sequential". */
  readonly claim: Claim;
  readonly imported?: undefined;
};

/** What a page is made of. */
export type ReportContent =
  RunContent | (CommonContent & { readonly claim: ReportedClaim; readonly imported: ImportedContent });

interface CommonContent {
  readonly summary: Summary;
  readonly examples: ExampleColumns;
  readonly thumbnails?: Thumbnails | undefined;
  readonly baseline?: ReportBaseline | undefined;
  /** The folder of the run's results as seen from the page: empty, or a relative path that ends with a slash. */
  readonly results?: string;
}

/** Files of a run's results beside the page, and what is in them. */
const FILES: readonly (readonly [name: string, what: string])[] = [
  ['certificates.parquet', 'every certificate, with its counts'],
  ['certificates.tsv', 'the same in the columns of Cohen et al.'],
  ['summary.json', 'the figures of this page'],
  ['manifest.json', 'size and SHA-256 of every file'],
];
const IMPORTED_FILES = FILES.filter(([name]) => name === 'summary.json');

/**
 * A run's report as one HTML page that needs nothing beside it and asks nothing of a network. A function of its arguments
 * alone. Its script shows values along the curve and brings the table of examples to life; all else is there without it.
 */
export async function reportHtml(content: ReportContent): Promise<string> {
  const { summary, claim, examples, thumbnails, baseline, results = '', imported } = content;
  const { simulated, replayable = true } = summary;
  const title = escapeHtml(accuracyTitle(claim, scaleText(claim.noise)));
  const { style, script } = pageAssets();
  const compared = baseline?.examples && { ...baseline, examples: baseline.examples };
  const list = exampleList({ summary, claim, examples, baseline: compared, thumbnails });
  const policy = `default-src 'none'; style-src ${style.source}; script-src ${script.source}; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${style.text}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="setup">${setup(summary, claim)}${baseline ? `, beside ${escapeHtml(baseline.name)}` : ''}</p>
${simulated ? `<p class="simulated">${SIMULATED}</p>\n` : ''}${imported ? `<p class="simulated">${IMPORTED}</p>\n` : ''}${replayable ? '' : `<p class="simulated">${NOT_REPLAYABLE}</p>\n`}<p>Certified accuracy at a radius is the share of all ${groupThousands(summary.examples)} examples that the smoothed classifier
gets right with a certificate of at least that radius: no perturbation of a smaller ${normSymbols[normOf(claim)]} norm changes its answer, and ${whatHolds(claim)}</p>
${keyFigures(summary, claim, baseline)}
${await curveSection({ summary, claim, baseline })}
<h2>At each radius</h2>
${accuracySection(summary, baseline)}
<h2>What became of the examples</h2>
${outcomeSection(summary)}
<h2>How sure it is</h2>
${await histogramSection(summary, claim, examples)}
<h2>By class</h2>
${classTable(summary)}
<h2>Examples</h2>
<p class="quiet" id="examples-note">${examplesNote(list.index.length, content)}</p>
${exampleTable(list)}
${imported ? '' : costSection(summary, results)}<h2>What the certificates rest on</h2>
${evidence(content)}
<h2>Files</h2>
${scrollFrame('Files')}<table class="evidence">
<tbody>
${(imported ? IMPORTED_FILES : FILES).map(([name, what]) => `<tr><th scope="row"><a href="${escapeHtml(results + name)}">${name}</a></th><td>${what}</td></tr>`).join('\n')}
</tbody>
</table></div>
</main>
<script>${script.text}</script>
</body>
</html>
`;
}

function claimTitle(replayable: boolean): string {
  return replayable
    ? 'The claim: with the same model, dataset, seed and arithmetic these results come out again, bit for bit'
    : 'The claim; its samples were drawn once, and other ones give other counts';
}

function evidence(content: ReportContent): string {
  const { summary, claim, imported } = content;
  if (imported === undefined) return factTable(claimTitle(summary.replayable ?? true), evidenceFacts(summary, claim));
  const notes = imported.notes.map((note) => `<li>${escapeHtml(note)}</li>`);
  return `${factTable('What is said of them; the file itself names none of it', imported.evidence)}
<ul class="notes">
${notes.join('\n')}
</ul>`;
}

function costSection(summary: Summary, results: string): string {
  return `<h2>What it cost</h2>
${factTable('Samples that the certificates rest on', costFacts(summary))}
<p class="quiet">Times and what was drawn in all are in <a href="${escapeHtml(results)}metrics.json">metrics.json</a>: they differ from run to run, and no result depends on them.</p>
`;
}

function setup(summary: Summary, claim: ReportedClaim): string {
  const { mode, n, alpha } = certifySampling(claim);
  const most = mode === 'sequential' ? '≤' : '=';
  return `${groupThousands(summary.examples)} examples, n ${most} ${groupThousands(n)}, α = ${escapeHtml(alpha)}`;
}

/** What is true of certificates, and what of radii that weren't asked for. */
function whatHolds(claim: ReportedClaim): string {
  const sampling = certifySampling(claim);
  const alpha = escapeHtml(sampling.alpha);
  if (sampling.mode === 'fixed') return `each\ncertificate is wrong with probability at most ${alpha}.`;
  const atZero = sampling.radii[0] === 0 ? ' At radius 0 its answer at the example itself is certified.' : '';
  return (
    `the\ncertificates of one example, at all radii, are all right with probability at least 1 − ${alpha}.${atZero}\n` +
    'Only the radii that were asked for are decided, so that an average of certified radii is a lower bound.'
  );
}

function keyFigures(summary: Summary, claim: ReportedClaim, baseline: ReportBaseline | undefined): string {
  const { examples } = summary;
  const radii = tableRadii(summary);
  const aim = middlingRadius(claim);
  const distance = (radius: number) => Math.abs(radius - aim);
  const middle = radii.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  const radius = radiusTexts(radii)[radii.indexOf(middle)];
  const certified = certifiedAt(summary, middle) ?? 0;
  const clean = Math.round(summary.cleanAccuracy * examples);
  const atLeast = summary.mode === 'sequential' ? 'at least ' : '';
  const points = (count: number, before: number | undefined) =>
    baseline && before !== undefined
      ? `${pointChange(count, examples, before, baseline.summary.examples)} points`
      : undefined;
  const before = baseline?.summary;
  const figures = [
    {
      name: `Certified at radius ${radius}`,
      value: floorPercent(certified, examples),
      change: points(certified, before && certifiedAt(before, middle)),
    },
    {
      name: 'Clean accuracy',
      value: floorPercent(clean, examples),
      change: points(clean, before && Math.round(before.cleanAccuracy * before.examples)),
    },
    {
      name: `Average certified radius${atLeast && ', at least'}`,
      value: formatRadius(summary.averageCertifiedRadius, 4),
      change: before && `was ${formatRadius(before.averageCertifiedRadius, 4)}`,
    },
    {
      name: 'Abstained',
      value: floorPercent(summary.abstained, examples),
      change: points(summary.abstained, before?.abstained),
    },
  ];
  const cells = figures.map(
    ({ name, value, change }) =>
      `<div><dt>${name}</dt><dd>${value}</dd>${change === undefined ? '' : `<dd class="sub">${change}</dd>`}</div>`,
  );
  return `<dl class="figures">\n${cells.join('\n')}\n</dl>`;
}

function classTable({ perClass }: Summary): string {
  const rows = perClass.map((row) => {
    const counts = [row.label, row.examples, row.certified, row.correct, row.abstained].map(String);
    const accuracy = floorPercent(row.correct, row.examples);
    return bodyRow([...counts, accuracy, formatRadius(row.averageCertifiedRadius, 4)]);
  });
  const headings = ['class', 'examples', 'certified', 'certified and correct', 'abstained', 'share correct'];
  return `${scrollFrame('By class', 'long near')}<table>
${head([...headings, 'average certified radius'])}
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function examplesNote(listed: number, { examples, claim, baseline, imported }: ReportContent): string {
  const total = examples.index.length;
  const first = baseline?.examples ? 'The worst drops come first' : 'The weakest come first';
  const which =
    listed < total ? ` Of ${groupThousands(total)} examples these are the first ${groupThousands(listed)}.` : '';
  const change = baseline?.examples
    ? ' The change is of the radius that counts for certified accuracy, which is 0 unless the certificate has the label.'
    : '';
  const others =
    baseline && !baseline.examples
      ? ' The baseline is of other examples, so that none can be compared one by one.'
      : '';
  const order = `${first}.${which}${change}${others}`;
  if (imported) return order;
  const bound = claim.sampling.mode === 'fixed' ? ' p̲<sub>A</sub> is the lower bound on that class’s probability.' : '';
  return (
    `${order} “Guess” is the class that the selection found, “top class” how many samples of the ` +
    `estimation were of it.${bound}`
  );
}

function costFacts(summary: Summary): Fact[] {
  const { samples, mostSamples, skipped, skippedSamples, mode } = summary;
  const { mean, most, saved } = samplesAnExample(summary);
  const ofMost = (value: number | undefined) => (value === undefined ? '' : ` of at most ${groupThousands(value)}`);
  const atMost = mode === 'sequential' ? 'at most ' : '';
  return [
    ['Samples in all', `${groupThousands(samples)}${ofMost(mostSamples)}`],
    ['Samples an example', `${groupThousands(mean)} on average${ofMost(most)}`],
    ...(skipped === 0
      ? []
      : [
          [
            'Samples saved by skipping',
            `${atMost}${groupThousands(skippedSamples)}, ${atMost}${groupThousands(saved)} an example`,
          ] as const,
        ]),
  ];
}
