/** A bucket by what policies need of it. */
export interface BucketReference {
  readonly arn: string;
  /** Of the KMS key that encrypts it; undefined where S3's own key does. */
  readonly keyArn?: string | undefined;
}

/** What a run reads, and where its results go. */
export interface Stores {
  readonly results: BucketReference;
  /** Models and datasets, under these prefixes; `['']` for the whole bucket. */
  readonly inputs: BucketReference & { readonly prefixes: readonly string[] };
}
