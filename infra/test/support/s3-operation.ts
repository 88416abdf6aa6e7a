import type { S3Request } from '../../../test/support/send-signed.ts';
import type { S3Operation } from './account.ts';

/** The part of an operation that a request alone says. */
export type RequestedOperation = Omit<S3Operation, 'bucket'> & { readonly bucket: string };

const READ = ['kms:Decrypt'];
const WRITE = ['kms:GenerateDataKey'];

/**
 * What a request asks S3 for, with the permissions and the condition keys that S3 documents for it
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
 *
 * @throws Error for what no part of Perimeter asks for.
 */
export function s3Operation({
  method,
  path,
  headers,
}: Pick<S3Request, 'method' | 'path' | 'headers'>): RequestedOperation {
  const url = new URL(path, 'http://s3');
  const [bucket, ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const query = url.searchParams;
  if (key === '') {
    if (method === 'HEAD') return { action: 's3:ListBucket', bucket };
    if (method === 'GET' && query.get('list-type') === '2') {
      const asked = ['prefix', 'delimiter', 'max-keys'].flatMap((name): [string, string][] => {
        const value = query.get(name);
        return value === null ? [] : [[`s3:${name}`, value]];
      });
      return { action: 's3:ListBucket', bucket, context: Object.fromEntries(asked) };
    }
  }
  const ofUpload = query.has('uploadId') || query.has('uploads');
  const of = { bucket, key };
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { ...of, action: 's3:GetObject', kms: READ };
    case 'PUT':
      // Of an upload in parts it is a part.
      return {
        ...of,
        action: 's3:PutObject',
        context: creation(headers, !ofUpload),
        kms: ofUpload ? [...READ, ...WRITE] : WRITE,
      };
    case 'POST':
      if (!ofUpload) break;
      // The first begins an upload, the second completes it.
      return {
        ...of,
        action: 's3:PutObject',
        context: creation(headers, query.has('uploadId')),
        kms: [...READ, ...WRITE],
      };
    case 'DELETE':
      return { ...of, action: ofUpload ? 's3:AbortMultipartUpload' : 's3:DeleteObject' };
  }
  throw new Error(`What ${method} ${path} asks for isn't known here.`);
}

function creation(headers: Readonly<Record<string, string>>, creates: boolean): Record<string, string> {
  const conditions = ['if-none-match', 'if-match'].flatMap((name): [string, string][] =>
    name in headers ? [[`s3:${name}`, headers[name]]] : [],
  );
  return { 's3:ObjectCreationOperation': String(creates), ...Object.fromEntries(conditions) };
}
