import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import { createBucket } from '../../test/support/create-bucket.ts';
import type { S3Credentials } from '../../test/support/s3-server.ts';
import { matrix, type Row } from './checks/permission-matrix.ts';
import { deploy, type Identity } from './support/account.ts';
import { decide, listOf, type Statement } from './support/policy.ts';
import { allIdentities, synthesize } from './support/synthesize.ts';

/** What the S3 server of the tests knows of policies: these actions, and no condition. */
const ACTIONS = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'];

describe("another implementation of policies, the S3 server's own", () => {
  const server = inject('s3');
  const account = deploy(synthesize(allIdentities).templates);
  const clientOf = (credentials: S3Credentials) =>
    createS3Client({ endpoint: server.endpoint, credentials, pathStyle: true });
  const [root, user] = [clientOf(server.root), clientOf(server.sampler)];
  let bucket: string;

  beforeAll(async () => {
    bucket = await createBucket({ server });
  });
  afterAll(() => {
    root.destroy();
    user.destroy();
  });

  /** An identity's statements about results, as the policy of the test's bucket for its user. */
  function asBucketPolicy({ statements }: Identity): Statement[] {
    const { arn } = account.results;
    return statements
      .map((statement) => ({
        ...statement,
        Action: listOf(statement.Action).filter((action) => ACTIONS.includes(action)),
        Resource: listOf(statement.Resource)
          .filter((resource) => resource === arn || resource.startsWith(`${arn}/`))
          .map((resource) => resource.replace(arn, `arn:aws:s3:::${bucket}`)),
        Principal: { AWS: [server.sampler.accessKeyId] },
      }))
      .filter(({ Action, Resource, Condition }) => Action.length > 0 && Resource.length > 0 && Condition === undefined);
  }

  async function isAllowedByServer({ action, key = '' }: Row['operation']): Promise<boolean> {
    const object = { Bucket: bucket, Key: key };
    try {
      if (action === 's3:ListBucket') await user.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
      else if (action === 's3:GetObject')
        await (await user.send(new GetObjectCommand(object))).Body?.transformToString();
      else if (action === 's3:PutObject') await user.send(new PutObjectCommand({ ...object, Body: 'text' }));
      else await user.send(new DeleteObjectCommand(object));
      return true;
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      // What it may not do; anything else came after that was decided.
      return error.$metadata.httpStatusCode !== 403;
    }
  }

  it.each(['Sampler', 'Control', 'Reviewer', 'Signer', 'Serve', 'Gc'])('says the same of a %s', async (name) => {
    const identity = account.identities[name];
    const Statement = asBucketPolicy(identity);
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await root.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    const operations = new Map(
      matrix(account)
        .filter(({ identity: each, operation }) => each === name && operation.bucket === account.results)
        .filter(({ operation: { action } }) => ACTIONS.includes(action))
        .map(({ operation }) => [`${operation.action} ${operation.key ?? ''}`, operation]),
    );
    const here: Record<string, boolean> = {};
    const there: Record<string, boolean> = {};
    for (const [what, operation] of operations) {
      const { action, key } = operation;
      const { arn } = account.results;
      const question = {
        principal: identity.roleArn,
        action,
        resource: key === undefined ? arn : `${arn}/${key}`,
        context: {},
      };
      here[what] = decide(question, { identity: identity.statements, resource: [] }).allowed;
      there[what] = await isAllowedByServer(operation);
    }
    expect(Object.values(here)).toContain(true);
    expect(Object.values(here)).toContain(false);
    expect(there).toEqual(here);
  });
});
