import { claimMarks } from './claim-marks.ts';
import { PerimeterError } from './perimeter-error.ts';
import { recordBytes } from './records/canonical-json.ts';
import type { Certificate, Prediction, Row } from './records/certificate.ts';
import type { Claim } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import { runFiles } from './records/run-keys.ts';
import type { AnySummary } from './records/summary.ts';
import { certifySampling } from './report/certify-sampling.ts';
import { certificatesParquet } from './report/certificates-parquet.ts';
import { cohenTsv } from './report/cohen-tsv.ts';
import { curveSvg } from './report/curve-svg.ts';
import { exampleColumns, type ExampleColumns } from './report/example-columns.ts';
import { weakestFirst } from './report/order-examples.ts';
import { predictionsParquet } from './report/predictions-parquet.ts';
import { reportHtml } from './report/report-html.ts';
import { certificateSummary } from './report/summarize.ts';
import { predictionSummary } from './report/summarize-predictions.ts';
import type { Sink, TableWriter } from './report/table-writer.ts';
import { mostThumbnails, parseThumbnails, thumbnailShape, type Thumbnails } from './report/thumbnails.ts';

/** A file of a run's results. */
export interface Result {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Opens a table of a run's results, whose bytes come as its rows do. */
export type OpenTable = (table: Pick<Result, 'name' | 'contentType'>) => Promise<Sink>;

/**
 * Gives the bytes of a run's thumbnails, once all rows are known.
 *
 * @param wanted the examples to show, in order; of those that can't be read there is none.
 */
export type ThumbnailSource = (wanted: readonly number[]) => Promise<Uint8Array>;

/** A run's results while they are made. */
export interface Results {
  /** Takes the next rows, in the claim's order. */
  add(rows: readonly Row[]): Promise<void>;
  /** Completes the tables, and makes the rest of the results, which are small. */
  finish(): Promise<{ summary: AnySummary; documents: Result[] }>;
}

const PARQUET = 'application/vnd.apache.parquet';

/**
 * Makes all that is published of a run's rows as they come, as functions of claim, rows and thumbnails alone: the tables,
 * and from their summary the documents. Manifests have them in this order. Of each row some fifty bytes are kept.
 *
 * @param open called for each table, in order, before anything is written.
 * @param thumbnailsOf called where the claim's examples are images.
 */
export async function beginResults(plan: Plan, open: OpenTable, thumbnailsOf: ThumbnailSource): Promise<Results> {
  return plan.claim.sampling.mode === 'predict'
    ? beginPredictions(plan, open)
    : beginCertificates(plan, open, thumbnailsOf);
}

async function beginCertificates(
  { claim, claimDigest }: Plan,
  open: OpenTable,
  thumbnailsOf: ThumbnailSource,
): Promise<Results> {
  const { add, summary: summaryOf } = certificateSummary({ claim, claimDigest });
  const examples = exampleColumns(claim.dataset.count);
  const { mode } = certifySampling(claim);
  const tables: TableWriter<Certificate>[] = [
    certificatesParquet(mode, await open({ name: 'certificates.parquet', contentType: PARQUET }), claimMarks(claim)),
    cohenTsv(await open({ name: 'certificates.tsv', contentType: 'text/tab-separated-values' })),
  ];
  return {
    add: async (rows) => {
      const certificates = rows as readonly Certificate[];
      certificates.forEach(add);
      certificates.forEach(examples.add);
      for (const table of tables) await table.add(certificates);
    },
    finish: async () => {
      const summary = summaryOf();
      for (const table of tables) await table.finish();
      const { columns } = examples;
      const pictures = await picturesOf(claim, columns, thumbnailsOf);
      const page = await reportHtml({ summary, claim, examples: columns, thumbnails: pictures?.thumbnails });
      const documents = [
        summaryFile(summary),
        text('curve.svg', 'image/svg+xml', await curveSvg({ summary, claim })),
        ...(pictures ? [pictures.file] : []),
        text(runFiles.page, 'text/html; charset=utf-8', page),
      ];
      return { summary, documents };
    },
  };
}

/** The thumbnails of the examples that come first, as a file and as what is in it; undefined where a claim has none. */
async function picturesOf(
  claim: Claim,
  examples: ExampleColumns,
  thumbnailsOf: ThumbnailSource,
): Promise<{ file: Result; thumbnails: Thumbnails } | undefined> {
  const shape = thumbnailShape(claim);
  if (shape === undefined) return undefined;
  const wanted = weakestFirst(examples).subarray(0, mostThumbnails(shape));
  const bytes = await thumbnailsOf(Array.from(wanted, (at) => examples.index[at]));
  const thumbnails = parseThumbnails(bytes, shape);
  if (thumbnails === undefined) {
    throw new PerimeterError(
      'DeterminismViolation',
      `${runFiles.thumbnails} does not hold pictures of ${shape.width} × ${shape.height} pixels, as this run's are.`,
    );
  }
  const file = { name: runFiles.thumbnails, contentType: 'application/octet-stream', bytes };
  return { file, thumbnails };
}

async function beginPredictions({ claim, claimDigest }: Plan, open: OpenTable): Promise<Results> {
  const { add, summary: summaryOf } = predictionSummary({ claim, claimDigest });
  const table = predictionsParquet(
    await open({ name: 'predictions.parquet', contentType: PARQUET }),
    claimMarks(claim),
  );
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
  return { name: runFiles.summary, contentType: 'application/json', bytes: recordBytes(summary) };
}

function text(name: string, contentType: string, content: string): Result {
  return { name, contentType, bytes: new TextEncoder().encode(content) };
}

/** The results of rows at hand, held whole. */
export async function makeResults(
  plan: Plan,
  rows: readonly Row[],
  thumbnailsOf: ThumbnailSource,
): Promise<{ summary: AnySummary; results: Result[] }> {
  const tables: { name: string; contentType: string; pieces: Uint8Array[] }[] = [];
  const open: OpenTable = (table) => {
    const pieces: Uint8Array[] = [];
    tables.push({ ...table, pieces });
    return Promise.resolve((bytes) => {
      pieces.push(bytes.slice());
      return Promise.resolve();
    });
  };
  const making = await beginResults(plan, open, thumbnailsOf);
  await making.add(rows);
  const { summary, documents } = await making.finish();
  const whole = tables.map(({ pieces, ...table }) => ({ ...table, bytes: new Uint8Array(Buffer.concat(pieces)) }));
  return { summary, results: [...whole, ...documents] };
}
