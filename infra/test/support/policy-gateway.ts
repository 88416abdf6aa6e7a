import { startS3Proxy } from '../../../test/support/s3-proxy.ts';
import type { S3Access } from '../../../test/support/s3-server.ts';
import type { S3Response } from '../../../test/support/send-signed.ts';
import { isAllowed, type Account, type S3Operation } from './account.ts';
import { s3Operation } from './s3-operation.ts';

/** A request, and what became of it. */
export interface Asked {
  /** By its name in the account. */
  readonly identity: string;
  readonly operation: S3Operation;
  /** Why not, where it was refused. */
  readonly refused?: string;
}

export interface PolicyGateway {
  readonly endpoint: string;
  /** Every request, in the order in which they came. */
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

const denied: S3Response = {
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'),
};

/**
 * A real S3 server as it answers in an account: each request is decided by the policies of the account first. Who asks is told
 * by the access key, which is an identity's name.
 */
export async function startPolicyGateway(server: S3Access, account: Account): Promise<PolicyGateway> {
  const asked: Asked[] = [];
  const buckets = [account.results, account.inputs];
  const { endpoint, stop } = await startS3Proxy({
    server,
    handle: async (request, forward) => {
      const name = /Credential=([^/]+)\//.exec(request.headers.authorization)?.[1] ?? 'nobody';
      const identity = Object.entries(account.identities).find(([each]) => each === name)?.[1];
      const requested = s3Operation(request);
      const bucket = buckets.find(({ name: each }) => each === requested.bucket);
      if (identity === undefined || bucket === undefined) {
        throw new Error(`${name} asks for ${requested.bucket}, and one of them isn't there.`);
      }
      const operation = { ...requested, bucket };
      const { allowed, refused } = isAllowed(identity, operation);
      asked.push({ identity: name, operation, ...(!allowed && { refused: refused ?? operation.action }) });
      if (!allowed) return denied;
      const response = await forward(request);
      // Whoever may not list isn't told that an object isn't there.
      const mayList = () => isAllowed(identity, { action: 's3:ListBucket', bucket }).allowed;
      const isRead = operation.action === 's3:GetObject' && operation.key !== undefined;
      if (response.status === 404 && isRead) {
        asked.push({
          identity: name,
          operation: { action: 's3:ListBucket', bucket },
          ...(!mayList() && { refused: 's3:ListBucket' }),
        });
        if (!mayList()) return denied;
      }
      return response;
    },
  });
  return { endpoint, asked, stop };
}
