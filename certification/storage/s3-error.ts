import { S3ServiceException } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';

/** What to do about an error S3 names, for those a user can do something about. */
const remedies: Partial<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: create it, or correct its name',
  InvalidBucketName: 'the bucket name is not valid: correct it',
  InvalidAccessKeyId: 'the access key is not known there: correct AWS_ACCESS_KEY_ID or the profile',
  SignatureDoesNotMatch:
    'the secret key does not belong to the access key: correct AWS_SECRET_ACCESS_KEY or the profile',
  ExpiredToken: 'the session token has expired: get new credentials',
  InvalidToken: 'the session token is not valid: get new credentials',
  PermanentRedirect: "the bucket is in another region: set AWS_REGION to the bucket's",
  AuthorizationHeaderMalformed: "the bucket is in another region: set AWS_REGION to the bucket's",
  NotImplemented: 'the server does not know this operation: use one that has conditional writes (If-None-Match)',
  AccessDenied: 'access is denied: allow it in the policy of the user or of the bucket',
};

/** Of a clock that is not right: signatures are refused from 15 minutes on; clocks that are kept differ by seconds. */
const WRONG_CLOCK_MS = 5 * 60_000;

/** Answers that another try may change although they are not the server's fault. */
const passing = [
  'SlowDown',
  'Throttling',
  'TooManyRequestsException',
  'RequestTimeout',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
];

/**
 * An error of the S3 client, after its retries, as a sentence.
 *
 * @param error what was thrown
 * @param where what was tried and on what, e.g. `{ operation: 'PutObject', url: 's3://bucket/key' }`
 */
export function s3Error(error: unknown, where: { operation: string; url: string }): PerimeterError {
  if (error instanceof PerimeterError) return error;
  const tried = `${where.operation} on ${where.url}`;
  const name = error instanceof Error ? error.name : '';
  if (name === 'CredentialsProviderError') {
    return new PerimeterError(
      'StoreRefused',
      `There are no AWS credentials for ${tried}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role.`,
      { cause: error },
    );
  }
  if (isOfTheClock(error)) {
    return new PerimeterError(
      'StoreUnavailable',
      `The store did not do ${tried}: this machine's clock is wrong: set it.`,
      {
        cause: error,
      },
    );
  }
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const said = error instanceof Error ? error.message || name : String(error);
  if (status === undefined || status === 429 || (status >= 500 && status !== 501) || passing.includes(name)) {
    const answer = status === undefined ? said : `${status} ${name}`;
    return new PerimeterError('StoreUnavailable', `The store did not do ${tried}: ${answer.replace(/\.$/, '')}.`, {
      cause: error,
    });
  }
  const remedy = remedies[name] ?? (status === 403 || status === 401 ? remedies.AccessDenied : undefined);
  return new PerimeterError(
    'StoreRefused',
    `The store refused ${tried}: ${remedy ?? `it answered ${status} ${name} (${said.replace(/\.$/, '')})`}.`,
    { cause: error },
  );
}

/**
 * Whether a request was refused for its time. An answer to HEAD doesn't say why, but when. The client learns the server's
 * time from such an answer, so that another try goes well; of requests at the same time, it tries one again by itself.
 */
function isOfTheClock(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  if (error.name === 'RequestTimeTooSkewed') return true;
  const date = error.$response?.headers.date;
  return error.$metadata.httpStatusCode === 403 && date !== undefined && isFar(Date.parse(date));
}

function isFar(serverTime: number): boolean {
  return Math.abs(serverTime - Date.now()) > WRONG_CLOCK_MS;
}
