import type { S3Access, S3Credentials } from './s3-server.ts';

/** What a process finds an S3 server by: as root, or with other credentials. */
export function s3Environment(
  { endpoint, root }: Pick<S3Access, 'endpoint' | 'root'>,
  { accessKeyId, secretAccessKey }: S3Credentials = root,
) {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
}
