import { recordBytes } from './records/canonical-json.ts';
import type { Certificate, Prediction, Row } from './records/certificate.ts';
import type { Plan } from './records/plan.ts';
import type { AnySummary } from './records/summary.ts';
import { certifySampling } from './report/certify-sampling.ts';
import { certificatesParquet } from './report/certificates-parquet.ts';
import { cohenTsv } from './report/cohen-tsv.ts';
import { curveSvg } from './report/curve-svg.ts';
import { predictionsParquet } from './report/predictions-parquet.ts';
import { reportHtml } from './report/report-html.ts';
import { certificateSummary } from './report/summarize.ts';
import { predictionSummary } from './report/summarize-predictions.ts';
import type { Sink, TableWriter } from './report/table-writer.ts';

/** A file of a run's results. */
export interface Result {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Opens a table of a run's results, whose bytes come as its rows do. */
export type OpenTable = (table: Pick<Result, 'name' | 'contentType'>) => Promise<Sink>;

/** A run's results while they are made. */
export interface Results {
  /** Takes the next rows, in the claim's order. */
  add(rows: readonly Row[]): Promise<void>;
  /** Completes the tables, and makes the rest of the results, which are small. */
  finish(): Promise<{ summary: AnySummary; documents: Result[] }>;
}

const PARQUET = 'application/vnd.apache.parquet';

/**
 * Makes all that is published of a run's rows as they come, as functions of claim and rows alone: the tables, and from
 * their summary the documents. Manifests have them in this order.
 *
 * @param open called for each table, in order, before anything is written.
 */
export async function beginResults(plan: Plan, open: OpenTable): Promise<Results> {
  return plan.claim.sampling.mode === 'predict' ? beginPredictions(plan, open) : beginCertificates(plan, open);
}

async function beginCertificates({ claim, claimDigest }: Plan, open: OpenTable): Promise<Results> {
  const { add, summary: summaryOf } = certificateSummary({ claim, claimDigest });
  const { mode } = certifySampling(claim);
  const tables: TableWriter<Certificate>[] = [
    certificatesParquet(mode, await open({ name: 'certificates.parquet', contentType: PARQUET })),
    cohenTsv(await open({ name: 'certificates.tsv', contentType: 'text/tab-separated-values' })),
  ];
  return {
    add: async (rows) => {
      const certificates = rows as readonly Certificate[];
      certificates.forEach(add);
      for (const table of tables) await table.add(certificates);
    },
    finish: async () => {
      const summary = summaryOf();
      for (const table of tables) await table.finish();
      const svg = await curveSvg({ summary, claim });
      const documents = [
        summaryFile(summary),
        text('curve.svg', 'image/svg+xml', svg),
        text('report.html', 'text/html; charset=utf-8', reportHtml({ summary, claim, svg })),
      ];
      return { summary, documents };
    },
  };
}

async function beginPredictions({ claim, claimDigest }: Plan, open: OpenTable): Promise<Results> {
  const { add, summary: summaryOf } = predictionSummary({ claim, claimDigest });
  const table = predictionsParquet(await open({ name: 'predictions.parquet', contentType: PARQUET }));
  return {
    add: async (rows) => {
      const predictions = rows as readonly Prediction[];
      predictions.forEach(add);
      await table.add(predictions);
    },
    finish: async () => {
      const summary = summaryOf();
      await table.finish();
      return { summary, documents: [summaryFile(summary)] };
    },
  };
}

function summaryFile(summary: AnySummary): Result {
  return { name: 'summary.json', contentType: 'application/json', bytes: recordBytes(summary) };
}

function text(name: string, contentType: string, content: string): Result {
  return { name, contentType, bytes: new TextEncoder().encode(content) };
}

/** The results of rows at hand, held whole. */
export async function makeResults(
  plan: Plan,
  rows: readonly Row[],
): Promise<{ summary: AnySummary; results: Result[] }> {
  const tables: { name: string; contentType: string; pieces: Uint8Array[] }[] = [];
  const making = await beginResults(plan, (table) => {
    const pieces: Uint8Array[] = [];
    tables.push({ ...table, pieces });
    return Promise.resolve((bytes) => {
      pieces.push(bytes.slice());
      return Promise.resolve();
    });
  });
  await making.add(rows);
  const { summary, documents } = await making.finish();
  const whole = tables.map(({ pieces, ...table }) => ({ ...table, bytes: new Uint8Array(Buffer.concat(pieces)) }));
  return { summary, results: [...whole, ...documents] };
}
