import type { Account, S3Operation } from '../support/account.ts';

/** Something that an identity may do, or must not be able to. */
export interface Row {
  readonly identity: string;
  readonly may: boolean;
  readonly operation: S3Operation;
}

const CREATES = { 's3:ObjectCreationOperation': 'true' };
/** How an object is put. */
const once = { ...CREATES, 's3:if-none-match': '*' };
const swapped = { ...CREATES, 's3:if-match': '"0123"' };
const blindly = CREATES;
/** A part of an upload, or its beginning. */
const part = { 's3:ObjectCreationOperation': 'false' };

/** A run named `shards`, and a file that is named like a manifest where shards are, are what a careless pattern lets through. */
const manifests = [
  'runs/r/manifest.json',
  'runs/r/generations/2/manifest.json',
  'runs/shards/manifest.json',
  'runs/r/shards/manifest.json',
];
const shards = ['runs/r/shards/00017.jsonl', 'runs/r/generations/2/shards/00017.jsonl'];
const planned = ['runs/r/commitment.json', 'runs/r/plan.json', 'runs/r/dataset.jsonl'];
const published = [
  'runs/r/certificates.parquet',
  'runs/r/summary.json',
  'runs/r/report.html',
  'runs/r/metrics.json',
  'runs/r/generations/2/certificates.tsv',
];
const failures = ['runs/r/failed/00017.json', 'runs/r/failed-examples/00017.json'];
const signatures = ['runs/r/signature.json', 'runs/r/generations/2/signature.json'];
const runs = [...manifests, ...shards, ...planned, ...published, ...failures, ...signatures];
const audits = ['audits/line/index.json', 'audits/line/2026-03-01T020000Z/audit.json'];
const checks = ['.perimeter-check/0/twice'];
const elsewhere = ['notes.txt', 'manifest.json', 'runs.json'];
const results = [...runs, ...audits, ...checks, ...elsewhere];
const inputs = ['models/v1/model.onnx', 'datasets/val/cat/1.jpg'];

/** What nobody that the templates make may do to an object. */
const NEVER = [
  's3:DeleteObjectVersion',
  's3:PutObjectAcl',
  's3:PutObjectTagging',
  's3:PutObjectRetention',
  's3:PutObjectLegalHold',
  's3:BypassGovernanceRetention',
  's3:RestoreObject',
];
/** And to a bucket. */
const NEVER_TO_A_BUCKET = [
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:PutBucketPolicy',
  's3:PutBucketVersioning',
  's3:PutLifecycleConfiguration',
  's3:PutEncryptionConfiguration',
  's3:PutBucketPublicAccessBlock',
  's3:PutBucketObjectLockConfiguration',
];

/** Every identity with what it may and may not do, object by object. */
export function matrix(account: Account): Row[] {
  const buckets = [
    { bucket: account.results, keys: results },
    { bucket: account.inputs, keys: inputs },
  ];
  const read = (key: string): S3Operation => ({
    action: 's3:GetObject',
    bucket: inputs.includes(key) ? account.inputs : account.results,
    key,
    kms: ['kms:Decrypt'],
  });
  const put = (key: string, context: Record<string, string>): S3Operation => ({
    ...read(key),
    action: 's3:PutObject',
    context,
    kms: ['kms:GenerateDataKey'],
  });
  const remove = (key: string): S3Operation => ({ ...read(key), action: 's3:DeleteObject', kms: [] });

  /** All that there is to do, where what is named may be done, and nothing else. */
  const only = (
    identity: string,
    may: { read: readonly string[]; putOnce: readonly string[]; swap?: readonly string[]; remove?: readonly string[] },
  ): Row[] => {
    const { swap = [], remove: removed = [] } = may;
    const row = (allowed: boolean, operation: S3Operation): Row => ({ identity, may: allowed, operation });
    return [
      ...[...results, ...inputs].flatMap((key) => [
        row(may.read.includes(key), read(key)),
        row(may.putOnce.includes(key), put(key, once)),
        row(swap.includes(key), put(key, swapped)),
        row(false, put(key, blindly)),
        row(removed.includes(key), remove(key)),
      ]),
      ...buckets.flatMap(({ bucket, keys }) => [
        ...NEVER.flatMap((action) => keys.map((key) => row(false, { action, bucket, key }))),
        ...NEVER_TO_A_BUCKET.map((action) => row(false, { action, bucket })),
      ]),
    ];
  };
  /** The first asks whether an object is there; a listing names what it is about. */
  const listings: (Record<string, string> | undefined)[] = [
    undefined,
    { 's3:prefix': 'runs/' },
    { 's3:prefix': 'models/', 's3:delimiter': '/' },
  ];
  const listing = (identity: string, may: { results: boolean; inputs: boolean }): Row[] =>
    (['results', 'inputs'] as const).flatMap((which) =>
      listings.map((context) => ({
        identity,
        may: may[which],
        operation: { action: 's3:ListBucket', bucket: account[which], ...(context && { context }) },
      })),
    );
  const row = (identity: string, may: boolean, operation: S3Operation): Row => ({ identity, may, operation });
  const uploads = [...published.slice(0, 1), ...checks];
  const versions: S3Operation = { action: 's3:GetObjectVersion', bucket: account.results, key: manifests[0] };

  return [
    ...only('Sampler', { read: [...inputs, ...shards, 'runs/r/plan.json', 'runs/r/dataset.jsonl'], putOnce: shards }),
    ...listing('Sampler', { results: true, inputs: true }),

    ...only('Control', {
      read: [...inputs, ...runs, ...audits, ...checks],
      putOnce: [...runs.filter((key) => !signatures.includes(key)), ...audits, ...checks],
      swap: [...audits, ...checks],
    }),
    ...listing('Control', { results: true, inputs: true }),
    // Tables are uploaded in parts, and the completion is what may not replace.
    ...uploads.flatMap((key) => [
      row('Control', true, { ...put(key, part), kms: ['kms:GenerateDataKey', 'kms:Decrypt'] }),
      row('Control', true, { ...put(key, once), kms: ['kms:GenerateDataKey', 'kms:Decrypt'] }),
      row('Control', true, { action: 's3:AbortMultipartUpload', bucket: account.results, key }),
      row('Sampler', false, put(key, part)),
    ]),

    ...only('Reviewer', { read: [...inputs, ...results], putOnce: [] }),
    ...listing('Reviewer', { results: true, inputs: true }),
    row('Reviewer', true, versions),
    row('Sampler', false, versions),

    ...only('Signer', { read: results, putOnce: signatures }),
    ...listing('Signer', { results: true, inputs: false }),

    ...only('Serve', { read: results, putOnce: [] }),
    ...listing('Serve', { results: true, inputs: false }),

    ...only('Gc', { read: [...audits, 'runs/r/plan.json', 'runs/r/metrics.json'], putOnce: [], remove: runs }),
    ...listing('Gc', { results: true, inputs: false }),

    // What the bucket refuses, it refuses to those who may do everything.
    ...results.flatMap((key) => [
      row('Admin', false, put(key, blindly)),
      row('Admin', !key.startsWith('runs/'), put(key, swapped)),
      row('Admin', true, put(key, once)),
      row('Admin', false, remove(key)),
      row('Admin', false, { action: 's3:DeleteObjectVersion', bucket: account.results, key }),
    ]),
    ...inputs.map((key) => row('Admin', true, put(key, blindly))),
  ];
}
