import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, Validations, type App } from 'aws-cdk-lib';
import { Bucket, BucketEncryption, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3';
import type { Settings } from '../settings.ts';
import { abortUploads, encryptedBucket, privateBucket } from '../storage/private-bucket.ts';
import type { BucketReference, Stores } from '../storage/stores.ts';
import { writeOnce } from '../storage/write-once.ts';

/** Longer than most who look back after an incident. */
const ACCESS_LOG_DAYS = 400;
/** S3 asks for so many before it moves anything there. */
const INFREQUENT_ACCESS_DAYS = 30;

type StorageSettings = Pick<
  Settings,
  | 'resultsBucketName'
  | 'inputsBucket'
  | 'inputsKeyArn'
  | 'inputsPrefixes'
  | 'objectLock'
  | 'objectLockDays'
  | 'noncurrentDays'
>;

/** The buckets. They outlive the stack. */
export class StorageStack extends Stack {
  readonly stores: Stores;

  constructor(app: App, id: string, settings: StorageSettings) {
    super(app, id, { description: 'Perimeter: results, models and datasets', terminationProtection: true });
    const logs = this.accessLogs();
    const results = this.results(logs, settings);
    const { inputsBucket, inputsKeyArn, inputsPrefixes } = settings;
    const inputs: BucketReference =
      inputsBucket === undefined
        ? this.inputs(logs, settings)
        : { arn: `arn:${Aws.PARTITION}:s3:::${inputsBucket}`, keyArn: inputsKeyArn };
    this.stores = { results, inputs: { ...inputs, prefixes: inputsPrefixes.length === 0 ? [''] : inputsPrefixes } };
  }

  private accessLogs(): Bucket {
    const logs = new Bucket(this, 'AccessLogs', {
      ...privateBucket,
      // S3 delivers its logs to a bucket with a KMS key only where the key's policy says so.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [abortUploads, { id: 'expire', expiration: Duration.days(ACCESS_LOG_DAYS) }],
    });
    logs.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const reason = 'It is the bucket of the access logs: logging itself, it would never come to an end.';
    Validations.of(logs).acknowledge({ id: 'AwsSolutions-S1', reason });
    return logs;
  }

  private results(logs: Bucket, settings: StorageSettings): BucketReference {
    const { resultsBucketName, objectLock, objectLockDays = 1, noncurrentDays } = settings;
    const days = Duration.days(objectLockDays);
    const { bucket, key } = encryptedBucket(this, 'Results', {
      ...(resultsBucketName !== undefined && { bucketName: resultsBucketName }),
      ...(objectLock === 'governance' && { objectLockDefaultRetention: ObjectLockRetention.governance(days) }),
      ...(objectLock === 'compliance' && { objectLockDefaultRetention: ObjectLockRetention.compliance(days) }),
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'results/',
      lifecycleRules: [
        abortUploads,
        {
          id: 'replaced-and-deleted',
          noncurrentVersionTransitions: [
            {
              storageClass: StorageClass.INFREQUENT_ACCESS,
              transitionAfter: Duration.days(INFREQUENT_ACCESS_DAYS),
            },
          ],
          noncurrentVersionExpiration: Duration.days(noncurrentDays),
          expiredObjectDeleteMarker: true,
        },
        // Each run tries whether the bucket writes once, and may not delete what it tried with.
        { id: 'start-up-checks', prefix: '.perimeter-check/', expiration: Duration.days(1) },
      ],
    });
    for (const statement of writeOnce(bucket.bucketArn)) bucket.addToResourcePolicy(statement);
    new CfnOutput(this, 'ResultsBucket', { value: bucket.bucketName, description: 'For out: s3://…' });
    return { arn: bucket.bucketArn, keyArn: key.keyArn };
  }

  private inputs(logs: Bucket, { noncurrentDays }: StorageSettings): BucketReference {
    const { bucket, key } = encryptedBucket(this, 'Inputs', {
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'inputs/',
      lifecycleRules: [
        abortUploads,
        { id: 'replaced-and-deleted', noncurrentVersionExpiration: Duration.days(noncurrentDays) },
      ],
    });
    new CfnOutput(this, 'InputsBucket', { value: bucket.bucketName, description: 'For models and datasets' });
    return { arn: bucket.bucketArn, keyArn: key.keyArn };
  }
}
