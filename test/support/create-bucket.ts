import { CreateBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { S3Access } from './s3-server.ts';

/**
 * Creates a bucket with the rights of a cluster: the sampler may read everything in it, and write shards alone.
 *
 * @param options.name default `test-` and a random part
 * @returns its name
 */
export async function createBucket(options: { server: S3Access; name?: string }): Promise<string> {
  const { server, name = `test-${crypto.randomUUID()}` } = options;
  const client = createS3Client({ endpoint: server.endpoint, credentials: server.root, pathStyle: true });
  const principal = { AWS: [server.sampler.accessKeyId] };
  const bucket = `arn:aws:s3:::${name}`;
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }));
    await client.send(
      new PutBucketPolicyCommand({
        Bucket: name,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: principal, Action: ['s3:ListBucket'], Resource: [bucket] },
            { Effect: 'Allow', Principal: principal, Action: ['s3:GetObject'], Resource: [`${bucket}/*`] },
            { Effect: 'Allow', Principal: principal, Action: ['s3:PutObject'], Resource: [`${bucket}/*/shards/*`] },
          ],
        }),
      }),
    );
    return name;
  } finally {
    client.destroy();
  }
}
