import { html } from 'hono/html';
import type { Plan } from '../../../certification/records/plan.ts';
import { parseShardFile, runFiles } from '../../../certification/records/run-keys.ts';
import { hasReplayableNoise } from '../../../certification/records/claim.ts';
import { normSymbols } from '../../../certification/records/norm.ts';
import type { PredictionSummary, Summary } from '../../../certification/records/summary.ts';
import { accuracyRows } from '../../../certification/report/accuracy-rows.ts';
import { formatRadius } from '../../../certification/report/format-radius.ts';
import { NOT_REPLAYABLE } from '../../../certification/report/not-replayable.ts';
import { scaleText } from '../../../certification/report/scale-text.ts';
import { SIMULATED } from '../../../certification/report/simulated.ts';
import type { SignatureCheck } from '../../../certification/signing/check-signature.ts';
import { assets } from '../assets/assets.ts';
import type { Live, LiveStatus } from '../live-runs.ts';
import type { StoredResults, StoredRun } from '../read-run.ts';
import { runFile } from '../run-file.ts';
import { factsTable, type Fact } from './facts-table.ts';
import { figures } from './figures.ts';
import { layout, type Html } from './layout.ts';
import { isOver, noProgressPart, progressPart } from './progress.ts';
import { bytes, count, path, percent, share, time } from './texts.ts';

interface RunPage {
  readonly run: string;
  readonly stored: StoredRun | undefined;
  /** Asked of runs that may be under way; undefined where Temporal knows nothing of it. */
  readonly live: Live<LiveStatus | undefined>;
  readonly signature: SignatureCheck | undefined;
  readonly place: string;
}

/** `/runs/<run>`. */
export function runPage({ run, stored, live, signature, place }: RunPage): Html {
  const plan = stored?.plan;
  const results = stored?.results;
  const status = 'value' in live ? live.value : undefined;
  const isUnderWay = status !== undefined && !isOver(status);
  return layout(
    {
      title: run,
      part: 'runs',
      crumbs: [{ href: '/runs', text: 'Runs' }],
      place,
      ...(isUnderWay && { script: assets.liveScript.path }),
    },
    html`${plan?.claim.stub === undefined ? '' : html`<p class="note loud">${SIMULATED}</p>`}
    ${plan === undefined || hasReplayableNoise(plan.claim) ? '' : html`<p class="note loud">${NOT_REPLAYABLE}</p>`}
    ${progressSection({ run, live, isFinished: results !== undefined })}
    ${results === undefined ? '' : resultsSection(run, results)}
    ${plan === undefined ? '' : aboutSection({ plan, results, signature })} ${filesSection(run, stored)}`,
  );
}

function progressSection({ run, live, isFinished }: { run: string; live: RunPage['live']; isFinished: boolean }) {
  if ('unavailable' in live) {
    return isFinished
      ? ''
      : html`<p>Not finished.</p>
          ${noProgressPart(`Live progress isn’t available: ${live.unavailable}`)}`;
  }
  const status = live.value;
  if (status === undefined) {
    return isFinished
      ? ''
      : html`<p>
          Not finished, and not under way: the same request with <code>--run ${run}</code> goes on from its last
          finished shard.
        </p>`;
  }
  if (isOver(status)) return isFinished ? '' : html`<section aria-label="Progress">${progressPart(status)}</section>`;
  return html`<section aria-label="Progress">
      <div data-progress="${path('runs', run, 'progress')}">${progressPart(status)}</div>
    </section>
    <p class="unseen" aria-live="polite" data-say></p>
    <p class="note" data-trouble hidden>The server doesn’t answer: what is shown may be old.</p>`;
}

function resultsSection(run: string, { summary, generation }: StoredResults): Html {
  const file = (name: string) => path('runs', run, 'files', ...runFiles.inGeneration(name, generation).split('/'));
  const again = generation === 1 ? '' : `, generation ${generation}`;
  if (summary.mode === 'predict')
    return html`<h2>Results${again}</h2>
      ${predictionFigures(summary)}`;
  return html`<h2>Results${again}</h2>
    <p><a href="${file('report.html')}">The run’s page</a>: curve, classes, examples and evidence.</p>
    ${certificateFigures(summary)}
    <figure>
      <img
        src="${file('curve.svg')}"
        width="604"
        height="420"
        alt="Certified accuracy over the radius; the table has its values."
      />
    </figure>
    <h3 class="unseen" id="accuracy">Certified accuracy</h3>
    <div class="scroll figured" tabindex="0" role="region" aria-labelledby="accuracy">${accuracyTable(summary)}</div>`;
}

function certificateFigures(summary: Summary): Html {
  const { examples, certified, abstained, skipped, failed } = summary;
  const atLeast = summary.mode === 'sequential' ? '≥ ' : '';
  return figures([
    ['clean accuracy', percent(Math.round(summary.cleanAccuracy * examples), examples)],
    ['average certified radius', `${atLeast}${formatRadius(summary.averageCertifiedRadius, 4)}`],
    ['certified', `${count(certified)} of ${count(examples)}`],
    ['abstained', count(abstained)],
    ['skipped', count(skipped)],
    ['failed', count(failed)],
  ]);
}

function predictionFigures({ examples, accuracy, predicted, abstained, abstentionRate, failed }: PredictionSummary) {
  return figures([
    ['accuracy', percent(Math.round(accuracy * examples), examples)],
    ['predicted', `${count(predicted)} of ${count(examples)}`],
    ['abstained', `${count(abstained)} (${share(abstentionRate)})`],
    ['failed', count(failed)],
  ]);
}

function accuracyTable(summary: Summary): Html {
  return html`<table>
    <caption>
      ${summary.norm === undefined ? '' : `Radii are ${normSymbols[summary.norm]}. `}Percentages are rounded down. Each
      lower bound holds with probability 1 − ${summary.rho}.
    </caption>
    <thead>
      <tr>
        <th scope="col">radius</th>
        <th scope="col" class="number">certified</th>
        <th scope="col" class="number">accuracy</th>
        <th scope="col" class="number">bound at<br />this radius</th>
        <th scope="col" class="number">bound at<br />all radii</th>
      </tr>
    </thead>
    <tbody>
      ${accuracyRows(summary).map(
        (row) =>
          html`<tr>
            <th scope="row">${row.radius}</th>
            <td class="number">${row.certified}</td>
            <td class="number">${row.accuracy}</td>
            <td class="number">${row.lower}</td>
            <td class="number">${row.wholeCurveLower}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function aboutSection({
  plan,
  results,
  signature,
}: {
  plan: Plan;
  results: StoredResults | undefined;
  signature: SignatureCheck | undefined;
}): Html {
  const { request, claim, execution } = plan;
  const { sampling, noise, dataset } = claim;
  const n0 = sampling.mode === 'predict' ? '' : `n0 = ${count(sampling.n0)}, `;
  const radii = sampling.mode === 'sequential' ? `, radii ${sampling.radii.join(', ')}` : '';
  const most = sampling.mode === 'sequential' ? '≤' : '=';
  const facts: Fact[] = [
    ['Model', claim.stub === undefined ? request.model : 'a stub'],
    ['Dataset', claim.stub === undefined ? request.dataset : 'a stub’s'],
    ['Examples', `${count(dataset.count)} of ${count(dataset.examples)}`],
    ['Noise', `${scaleText(noise)}${noise.lambda === undefined ? '' : ', uniform'}`],
    ...(claim.norm === undefined ? [] : [['Radii', normSymbols[claim.norm]] as const]),
    ['Statistics', `${sampling.mode}, ${n0}n ${most} ${count(sampling.n)}, α = ${sampling.alpha}${radii}`],
    ['Claim, SHA-256', html`<code>${plan.claimDigest}</code>`],
    ['Model, SHA-256', html`<code>${claim.model.sha256}</code>`],
    ['Dataset, SHA-256', html`<code>${claim.dataset.sha256}</code>`],
    ['Planned', time(execution.createdAt)],
    ['Shards', `${count(execution.shards)} of up to ${count(execution.shardSize)} examples`],
    ...(results === undefined
      ? []
      : [['Results', generationText(results)] as const, ['Signature', signatureText(signature)] as const]),
  ];
  return html`<h2>What it is</h2>
    ${factsTable(facts)}`;
}

function generationText({ generation, generations }: StoredResults): string {
  return generations.length === 1
    ? `generation ${generation}, the only one`
    : `generation ${generation} of ${generations.join(', ')}: examples that had failed were drawn again`;
}

function signatureText(signature: SignatureCheck | undefined): string | Html {
  if (signature === undefined) return 'not signed';
  if (signature.status === 'invalid') return html`<span class="failed">not valid: ${signature.reason}</span>`;
  return html`by the key <code>${signature.fingerprint}</code>; “perimeter verify” checks the rest`;
}

/** Shards that are listed one by one; of more, the manifest has all. */
const SHARDS_LISTED = 100;

function filesSection(run: string, stored: StoredRun | undefined): Html | '' {
  if (stored === undefined) return '';
  const link = (name: string, size?: number) =>
    html`<li>
      <a href="${path('runs', run, 'files', ...name.split('/'))}">${name}</a>${
        size === undefined ? '' : html` <span class="quiet">${bytes(size)}</span>`
      }
    </li>`;
  const { results, plan } = stored;
  if (results === undefined)
    return html`<h2>Files</h2>
      <ul class="plain">
        ${[runFiles.commitment, runFiles.plan].map((name) => link(name))}
      </ul>`;
  const objects = results.manifest.objects.filter(({ key }) => runFile(key) !== undefined);
  const shards = objects.filter(({ key }) => parseShardFile(key) !== undefined);
  const others = objects.filter(({ key }) => parseShardFile(key) === undefined);
  const total = shards.reduce((sum, { size }) => sum + size, 0);
  return html`<h2>Files</h2>
    <ul class="plain">
      ${others.map(({ key, size }) => link(key, size))}
      ${link(runFiles.inGeneration(runFiles.manifest, results.generation))}
    </ul>
    <details>
      <summary>${count(plan.execution.shards)} shards of certificates, ${bytes(total)}</summary>
      <ul class="plain">
        ${shards.slice(0, SHARDS_LISTED).map(({ key, size }) => link(key, size))}
      </ul>
      ${shards.length > SHARDS_LISTED ? html`<p class="quiet">The manifest has the others.</p>` : ''}
    </details>`;
}
