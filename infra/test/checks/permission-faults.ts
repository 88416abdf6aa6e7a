import { isAllowed, mayUseKey, type Account, type S3Operation } from '../support/account.ts';
import { matrix } from './permission-matrix.ts';

/** Where an account lets somebody do what it must not, or keeps somebody from what it must: a sentence each. */
export function permissionFaults(account: Account): string[] {
  return [...matrixFaults(account), ...transportFaults(account), ...keyFaults(account)];
}

function matrixFaults(account: Account): string[] {
  return matrix(account).flatMap(({ identity, may, operation }) => {
    const { allowed, refused } = isAllowed(account.identities[identity], operation);
    if (allowed === may) return [];
    return [`${identity} ${may ? `may not: ${refused ?? ''}` : 'may'}: ${describe(operation)}`];
  });
}

/** Nobody gets anything over a connection that can be read, administrators no more than others. */
function transportFaults({ identities, results, inputs }: Account): string[] {
  const connections: Record<string, string>[] = [{ 'aws:SecureTransport': 'false' }, { 's3:TlsVersion': '1.1' }];
  return Object.entries(identities).flatMap(([name, identity]) =>
    [results, inputs].flatMap((bucket) =>
      connections.flatMap((context) => {
        const operation: S3Operation = { action: 's3:GetObject', bucket, key: 'runs/r/plan.json', context };
        return isAllowed(identity, operation).allowed ? [`${name} may: ${describe(operation)}`] : [];
      }),
    ),
  );
}

/** Keys are used through S3, and each for the objects of its own bucket. */
function keyFaults({ identities, results, inputs }: Account): string[] {
  const s3 = 'kms:ViaService';
  const of = 'kms:EncryptionContext:aws:s3:arn';
  const region = results.key.arn.split(':')[3];
  const outside: Record<string, string>[] = [
    {},
    { [of]: results.arn },
    { [s3]: `s3.${region}.amazonaws.com` },
    { [s3]: `s3.${region}.amazonaws.com`, [of]: 'arn:aws:s3:::elsewhere' },
    { [s3]: `secretsmanager.${region}.amazonaws.com`, [of]: results.arn },
  ];
  return Object.entries(identities)
    .filter(([name]) => name !== 'Admin')
    .flatMap(([name, identity]) => [
      ...outside
        .filter((context) => mayUseKey(identity, 'kms:Decrypt', results, context))
        .map((context) => `${name} may use the results' key: ${JSON.stringify(context)}`),
      ...(mayUseKey(identity, 'kms:GenerateDataKey', inputs) ? [`${name} may encrypt inputs`] : []),
      ...(mayUseKey(identity, 'kms:ScheduleKeyDeletion', results, {}) ? [`${name} may delete the key`] : []),
    ]);
}

function describe({ action, bucket, key, context = {} }: S3Operation): string {
  const conditions = Object.entries(context).map(([name, value]) => `${name}=${value}`);
  return [action, `${bucket.name}/${key ?? ''}`, ...conditions].join(' ');
}
