import { recordBytes } from './records/canonical-json.ts';
import type { Certificate, Prediction, Row } from './records/certificate.ts';
import type { Plan } from './records/plan.ts';
import type { AnySummary } from './records/summary.ts';
import { certificatesParquet } from './report/certificates-parquet.ts';
import { cohenTsv } from './report/cohen-tsv.ts';
import { curveSvg } from './report/curve-svg.ts';
import { predictionsParquet } from './report/predictions-parquet.ts';
import { reportHtml } from './report/report-html.ts';
import { summarize } from './report/summarize.ts';
import { summarizePredictions } from './report/summarize-predictions.ts';

/** A file of a run's results. */
export interface Result {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * All that is published of a run's rows, as functions of claim and rows alone: the summary, and each file's name and bytes in the order
 * of the manifest.
 */
export async function makeResults(
  plan: Plan,
  rows: readonly Row[],
): Promise<{ summary: AnySummary; results: Result[] }> {
  const { claim, claimDigest } = plan;
  const text = (name: string, contentType: string, content: string): Result => ({
    name,
    contentType,
    bytes: new TextEncoder().encode(content),
  });
  const parquet = 'application/vnd.apache.parquet';
  if (claim.sampling.mode === 'predict') {
    const predictions = rows as readonly Prediction[];
    const summary = summarizePredictions({ claim, claimDigest, predictions });
    const results = [
      { name: 'predictions.parquet', contentType: parquet, bytes: predictionsParquet(predictions) },
      { name: 'summary.json', contentType: 'application/json', bytes: recordBytes(summary) },
    ];
    return { summary, results };
  }
  const certificates = rows as readonly Certificate[];
  const summary = summarize({ claim, claimDigest, certificates });
  const svg = await curveSvg({ summary, claim });
  const results = [
    { name: 'certificates.parquet', contentType: parquet, bytes: certificatesParquet(certificates) },
    text('certificates.tsv', 'text/tab-separated-values', cohenTsv(certificates)),
    { name: 'summary.json', contentType: 'application/json', bytes: recordBytes(summary) },
    text('curve.svg', 'image/svg+xml', svg),
    text('report.html', 'text/html; charset=utf-8', reportHtml({ summary, claim, svg })),
  ];
  return { summary, results };
}
