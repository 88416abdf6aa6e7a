import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stores } from '../storage/stores.ts';
import { useKey } from './use-key.ts';

/**
 * Statements by hand, where the CDK's `grantPut` would also grant to set a retention and a legal hold.
 *
 * Without `s3:ListBucket` S3 answers 403 for an object that isn't there, where Perimeter asks for 404: a sampler looks whether its shard has been
 * written. A condition on the prefix would bring the 403 back, as a request for an object has none. So whoever reads also lists.
 */
const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources });
const deny = (actions: string[], resources: string[]) =>
  new PolicyStatement({ effect: Effect.DENY, actions, resources });

/** Models and datasets: to be listed, as datasets are folders and an audit looks for the newest model, and read. */
function readInputs({ inputs }: Stores): PolicyStatement[] {
  const listing = allow(['s3:ListBucket'], [inputs.arn]);
  if (!inputs.prefixes.includes('')) {
    listing.addCondition('StringLike', { 's3:prefix': inputs.prefixes.map((prefix) => `${prefix}*`) });
  }
  return [
    listing,
    allow(
      ['s3:GetObject'],
      inputs.prefixes.map((prefix) => `${inputs.arn}/${prefix}*`),
    ),
    ...useKey(inputs, 'kms:Decrypt'),
  ];
}

function readResults({ results }: Stores): PolicyStatement[] {
  return [
    allow(['s3:ListBucket'], [results.arn]),
    allow(['s3:GetObject'], [`${results.arn}/*`]),
    ...useKey(results, 'kms:Decrypt'),
  ];
}

/**
 * Reads plans and shards, and puts shards: no manifest, no plan, no signature, whatever the names of runs are. It may
 * read the names of all results, as said above, and what is in none but these.
 */
export function samplerStatements(stores: Stores): PolicyStatement[] {
  const { results } = stores;
  const shards = `${results.arn}/runs/*/shards/*.jsonl`;
  return [
    ...readInputs(stores),
    allow(['s3:ListBucket'], [results.arn]),
    allow(['s3:GetObject'], [`${results.arn}/runs/*/plan.json`, `${results.arn}/runs/*/dataset.jsonl`, shards]),
    allow(['s3:PutObject'], [shards]),
    ...useKey(results, 'kms:Decrypt', 'kms:GenerateDataKey'),
  ];
}

/** Plans and publishes runs, and keeps the records of audits. It deletes nothing, and vouches for nothing: people sign. */
export function controlStatements(stores: Stores): PolicyStatement[] {
  const { results } = stores;
  const runs = `${results.arn}/runs/*`;
  const audits = `${results.arn}/audits/*`;
  // Each run first tries whether the bucket writes once.
  const tried = `${results.arn}/.perimeter-check/*`;
  return [
    ...readInputs(stores),
    allow(['s3:ListBucket'], [results.arn]),
    allow(['s3:GetObject', 's3:PutObject'], [runs, audits, tried]),
    allow(['s3:AbortMultipartUpload'], [runs, tried]),
    deny(['s3:PutObject'], [`${results.arn}/runs/*/signature.json`]),
    ...useKey(results, 'kms:Decrypt', 'kms:GenerateDataKey'),
  ];
}

/** Reads all there is, older versions among it, so that `perimeter verify` can replay a run. */
export function reviewerStatements(stores: Stores): PolicyStatement[] {
  const { results } = stores;
  return [
    ...readInputs(stores),
    ...readResults(stores),
    allow(['s3:ListBucketVersions'], [results.arn]),
    allow(['s3:GetObjectVersion'], [`${results.arn}/*`]),
  ];
}

/** `perimeter sign`: reads results, and puts a signature beside a manifest. */
export function signerStatements(stores: Stores): PolicyStatement[] {
  const { results } = stores;
  return [
    ...readResults(stores),
    allow(['s3:PutObject'], [`${results.arn}/runs/*/signature.json`]),
    ...useKey(results, 'kms:GenerateDataKey'),
  ];
}

/** `perimeter serve`: reads results. */
export function serveStatements(stores: Stores): PolicyStatement[] {
  return readResults(stores);
}

/** `perimeter gc`: reads what tells whether a run stays, and deletes runs. Their versions stay for a while. */
export function gcStatements({ results }: Stores): PolicyStatement[] {
  const told = ['audits/*', 'runs/*/plan.json', 'runs/*/metrics.json'].map((key) => `${results.arn}/${key}`);
  return [
    allow(['s3:ListBucket'], [results.arn]),
    allow(['s3:GetObject'], told),
    allow(['s3:DeleteObject'], [`${results.arn}/runs/*`]),
    ...useKey(results, 'kms:Decrypt'),
  ];
}
