import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BucketReference } from '../storage/stores.ts';

/**
 * To use a bucket's key through S3, for that bucket alone; none where it has none.
 *
 * @param actions `kms:Decrypt` to read and to end an upload in parts, `kms:GenerateDataKey` to write.
 */
export function useKey({ arn, keyArn }: BucketReference, ...actions: string[]): PolicyStatement[] {
  if (keyArn === undefined) return [];
  const conditions = {
    StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` },
    // With a bucket key the context is the bucket, else the object.
    StringLike: { 'kms:EncryptionContext:aws:s3:arn': [arn, `${arn}/*`] },
  };
  return [new PolicyStatement({ actions, resources: [keyArn], conditions })];
}
