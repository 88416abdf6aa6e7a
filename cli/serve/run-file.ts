import { auditKeys } from '../../certification/records/audit-keys.ts';
import { parseGeneration, runFiles } from '../../certification/records/run-keys.ts';

/** How an object is sent: as what, and whether a browser shows it or saves it. */
export interface SentAs {
  readonly contentType: string;
  readonly shown: boolean;
}

const JSON_TYPE: SentAs = { contentType: 'application/json', shown: true };
const LINES: SentAs = { contentType: 'application/x-ndjson', shown: false };
const PARQUET: SentAs = { contentType: 'application/vnd.apache.parquet', shown: false };
const PAGE: SentAs = { contentType: 'text/html; charset=utf-8', shown: true };

/** What a run's folder has once. */
const once = new Map<string, SentAs>([
  [runFiles.commitment, JSON_TYPE],
  [runFiles.plan, JSON_TYPE],
  [runFiles.datasetIndex, LINES],
]);

/** What each generation of its results has. */
const results = new Map<string, SentAs>([
  ['certificates.parquet', PARQUET],
  ['predictions.parquet', PARQUET],
  ['certificates.tsv', { contentType: 'text/tab-separated-values; charset=utf-8', shown: false }],
  ['summary.json', JSON_TYPE],
  ['curve.svg', { contentType: 'image/svg+xml', shown: true }],
  [runFiles.thumbnails, { contentType: 'application/octet-stream', shown: false }],
  [runFiles.page, PAGE],
  [runFiles.metrics, JSON_TYPE],
  [runFiles.manifest, JSON_TYPE],
  [runFiles.signature, JSON_TYPE],
]);

const SHARD = /^shards\/\d{5,9}\.jsonl$/;
const FAILURE = /^failed(-examples)?\/\d{5,9}\.json$/;

/**
 * How a file of a run is sent, or undefined where a run has none of that name: whatever else lies in a store is nobody's
 * here.
 *
 * @param name in the run's folder, decoded.
 */
export function runFile(name: string): SentAs | undefined {
  if (FAILURE.test(name)) return JSON_TYPE;
  const ofOne = once.get(name);
  if (ofOne !== undefined) return ofOne;
  const inGeneration = parseGeneration(name)?.name ?? name;
  return SHARD.test(inGeneration) ? LINES : results.get(inGeneration);
}

const ofAudits = new Map<string, SentAs & { readonly key: (line: string, date: string) => string }>([
  ['audit.json', { ...JSON_TYPE, key: auditKeys.audit }],
  ['report.html', { ...PAGE, key: auditKeys.report }],
]);

/** The same of a file of an audit, with its key. */
export function auditFile(name: string) {
  return ofAudits.get(name);
}
