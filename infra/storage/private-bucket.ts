import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, type BucketProps } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Longer than any upload in parts takes; what is older was left by a process that died. */
const UPLOAD_DAYS = 2;

/** Of every bucket, whatever it holds. It stays, with its policy, when its stack goes. */
export const privateBucket = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
} satisfies BucketProps;

export const abortUploads = { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS) };

/** A versioned bucket with a KMS key of its own, which tells S3's requests apart by bucket and not by object. */
export function encryptedBucket(scope: Construct, id: string, props: BucketProps): { bucket: Bucket; key: Key } {
  const key = new Key(scope, `${id}Key`, {
    description: `Perimeter: the bucket of ${id.toLowerCase()}`,
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const encryption = { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true };
  const bucket = new Bucket(scope, id, { ...privateBucket, ...encryption, versioned: true, ...props });
  // Else the bucket would stay, and what it refuses wouldn't.
  bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return { bucket, key };
}
