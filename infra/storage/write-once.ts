import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** The path of the only roles that may delete: a role's path is part of its ARN, and costs no name. */
export const GC_ROLE_PATH = '/perimeter/gc/';

/**
 * What the bucket of results refuses to everybody, administrators and the account's root user among them, as long as
 * this policy is its policy:
 *
 * - A file of a run is written once. Each is put on the condition that none is there (`If-None-Match: *`); a put or a copy without
 *   it is refused. Manifests, certificates, plans and signatures alike: nothing under `runs/` is ever replaced.
 * - Whatever else is in the bucket, records of audits above all, is changed by compare-and-swap (`If-Match`) or made anew, never
 *   written over blindly.
 * - Nobody deletes but `perimeter gc`, and nobody deletes a version: a lifecycle rule does, in its time.
 *
 * Starting an upload in parts and sending a part are no creation of an object, and know no condition: its completion is, and
 * does (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html).
 */
export function writeOnce(bucketArn: string): PolicyStatement[] {
  const deny = (sid: string, rest: { actions: string[]; resources: string[]; conditions?: Record<string, unknown> }) =>
    new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], ...rest });
  const creating = { Bool: { 's3:ObjectCreationOperation': 'true' } };
  const gcRoles = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role${GC_ROLE_PATH}*`;
  return [
    deny('RunsAreWrittenOnce', {
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/runs/*`],
      conditions: { ...creating, Null: { 's3:if-none-match': 'true' } },
    }),
    deny('NothingIsOverwrittenBlindly', {
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/*`],
      conditions: { ...creating, Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' } },
    }),
    deny('OnlyGarbageCollectionDeletes', {
      actions: ['s3:DeleteObject'],
      resources: [`${bucketArn}/*`],
      conditions: { ArnNotLike: { 'aws:PrincipalArn': gcRoles } },
    }),
    deny('NobodyDeletesVersions', { actions: ['s3:DeleteObjectVersion'], resources: [`${bucketArn}/*`] }),
  ];
}
