import { describe, expect, it } from 'vitest';
import { findFaults } from './checks/find-faults.ts';
import type { Resource, Template } from './support/resolve-intrinsics.ts';
import { allIdentities, synthesize } from './support/synthesize.ts';

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
  Principal?: unknown;
}
type Mutable = Record<string, Template>;

const { templates } = synthesize(allIdentities);

/** A resource by the construct's name; what the CDK adds to it is a digest of eight digits. */
function resource(all: Mutable, stack: string, id: string): Resource {
  const found = Object.entries(all[`Perimeter${stack}`].Resources).find(([name]) => name.slice(0, -8) === id);
  if (found === undefined) throw new Error(`There is no ${id} in ${stack}.`);
  return found[1];
}
function statements(all: Mutable, stack: string, id: string, document = 'PolicyDocument'): Statement[] {
  return (resource(all, stack, id).Properties[document] as { Statement: Statement[] }).Statement;
}
const role = (all: Mutable, name: string) => statements(all, 'Identities', `${name}Policy`);
const bucket = (all: Mutable, name = 'Results') => statements(all, 'Storage', `${name}Policy`);
const trust = (all: Mutable, name: string) => statements(all, 'Identities', name, 'AssumeRolePolicyDocument');

/** A statement of a list, told by its text. */
function about(list: Statement[], ...texts: string[]): Statement {
  const found = list.find((each) => texts.every((text) => JSON.stringify(each).includes(text)));
  if (found === undefined) throw new Error(`No statement is about ${texts.join(' and ')}.`);
  return found;
}
function drop(list: Statement[], ...texts: string[]): void {
  list.splice(list.indexOf(about(list, ...texts)), 1);
}
/** Writes a text in a statement as another. */
function rewrite(statement: Statement, from: string, to: string): void {
  Object.assign(statement, JSON.parse(JSON.stringify(statement).replaceAll(from, to)));
}
const properties = (all: Mutable, stack: string, id: string) =>
  resource(all, stack, id).Properties as Record<string, never>;

const edits: Record<string, (all: Mutable) => void> = {
  'samplers put manifests': (all) => {
    rewrite(about(role(all, 'Sampler'), 'PutObject'), '/runs/*/shards/*.jsonl', '/runs/*');
  },
  'samplers put whatever lies beside shards': (all) => {
    rewrite(about(role(all, 'Sampler'), 'PutObject'), '/shards/*.jsonl', '/shards/*');
  },
  'samplers put with one star too many': (all) => {
    rewrite(about(role(all, 'Sampler'), 'PutObject'), '/runs/*/shards/*.jsonl', '/runs/*shards/*');
  },
  'samplers read all results': (all) => {
    rewrite(about(role(all, 'Sampler'), 'plan.json'), '/runs/*/plan.json', '/*');
  },
  'samplers may delete': (all) => {
    const put = about(role(all, 'Sampler'), 'PutObject');
    put.Action = ['s3:PutObject', 's3:DeleteObject'];
    drop(bucket(all), 'OnlyGarbageCollectionDeletes');
  },
  'samplers may set retentions, as grantPut would have it': (all) => {
    about(role(all, 'Sampler'), 'PutObject').Action = [
      's3:PutObject',
      's3:PutObjectRetention',
      's3:PutObjectLegalHold',
    ];
  },
  'samplers are told 403 of a shard that nobody has written': (all) => {
    drop(role(all, 'Sampler'), 's3:ListBucket', 'Results');
  },
  'samplers list under a prefix alone, which is 403 again': (all) => {
    about(role(all, 'Sampler'), 's3:ListBucket', 'Results').Condition = { StringLike: { 's3:prefix': 'runs/*' } };
  },
  'samplers write inputs': (all) => {
    about(role(all, 'Sampler'), 's3:GetObject', 'Inputs').Action = ['s3:GetObject', 's3:PutObject'];
    about(role(all, 'Sampler'), 'kms:Decrypt', 'Inputs').Action = ['kms:Decrypt', 'kms:GenerateDataKey'];
  },
  'samplers use the key for anything': (all) => {
    delete about(role(all, 'Sampler'), 'kms:GenerateDataKey').Condition;
  },
  'control workers sign': (all) => {
    drop(role(all, 'Control'), 'signature.json');
  },
  'control workers cannot publish': (all) => {
    rewrite(about(role(all, 'Control'), 'PutObject', 'audits'), '/runs/*', '/runs/*/shards/*');
  },
  'control workers cannot encrypt': (all) => {
    rewrite(about(role(all, 'Control'), 'kms:GenerateDataKey'), 'kms:GenerateDataKey', 'kms:DescribeKey');
  },
  'control workers write where they like': (all) => {
    rewrite(about(role(all, 'Control'), 'PutObject', 'audits'), '/audits/*', '/*');
  },
  'reviewers write': (all) => {
    about(role(all, 'Reviewer'), 's3:GetObject', 'Results').Action = 's3:*Object';
    about(role(all, 'Reviewer'), 'kms:Decrypt', 'Results').Action = 'kms:*';
  },
  'signers put manifests': (all) => {
    rewrite(about(role(all, 'Signer'), 'signature.json'), '/signature.json', '/*.json');
  },
  'garbage collection deletes records of audits': (all) => {
    rewrite(about(role(all, 'Gc'), 's3:DeleteObject'), '/runs/*', '/*');
  },
  'garbage collection is no exception any more': (all) => {
    rewrite(about(bucket(all), 'OnlyGarbageCollectionDeletes'), 'role/perimeter/gc/', 'role/gc/');
  },
  'runs are overwritten': (all) => {
    drop(bucket(all), 'RunsAreWrittenOnce');
  },
  'only manifests are written once': (all) => {
    rewrite(about(bucket(all), 'RunsAreWrittenOnce'), '/runs/*', '/runs/*/manifest.json');
  },
  'a condition on what is there is as good as none being there': (all) => {
    const { Condition } = about(bucket(all), 'RunsAreWrittenOnce');
    if (Condition !== undefined) Condition.Null = { 's3:if-none-match': 'true', 's3:if-match': 'true' };
  },
  'uploads in parts cannot begin': (all) => {
    delete about(bucket(all), 'RunsAreWrittenOnce').Condition?.Bool;
  },
  'the condition is asked of those alone that start an upload': (all) => {
    rewrite(
      about(bucket(all), 'RunsAreWrittenOnce'),
      '"s3:ObjectCreationOperation":"true"',
      '"s3:ObjectCreationOperation":"false"',
    );
  },
  'audits are overwritten blindly': (all) => {
    drop(bucket(all), 'NothingIsOverwrittenBlindly');
  },
  'administrators delete': (all) => {
    drop(bucket(all), 'OnlyGarbageCollectionDeletes');
  },
  'administrators delete versions': (all) => {
    drop(bucket(all), 'NobodyDeletesVersions');
  },
  'results are read without TLS': (all) => {
    drop(bucket(all), 'aws:SecureTransport');
  },
  'inputs are read by TLS 1.1': (all) => {
    drop(bucket(all, 'Inputs'), 's3:TlsVersion');
  },
  'everybody reads results': (all) => {
    bucket(all).push({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::any/*' });
  },
  'whoever is in the network takes results to an account of their own': (all) => {
    const endpoint = resource(all, 'Network', 'VpcS3').Properties.PolicyDocument as { Statement: Statement[] };
    delete about(endpoint.Statement, 'PerimetersBuckets').Condition;
  },
  'results cannot pass the endpoint': (all) => {
    const endpoint = resource(all, 'Network', 'VpcS3').Properties.PolicyDocument as { Statement: Statement[] };
    drop(endpoint.Statement, 'PerimetersBuckets');
  },
  'pods of any namespace are samplers': (all) => {
    delete trust(all, 'Sampler')[0].Condition?.StringEquals['aws:RequestTag/kubernetes-namespace'];
  },
  'samplers take on the role of control workers': (all) => {
    delete trust(all, 'Control')[0].Condition?.StringEquals['aws:RequestTag/kubernetes-service-account'];
  },
  'pods of any cluster are control workers': (all) => {
    delete trust(all, 'Control')[0].Condition?.StringEquals['aws:RequestTag/eks-cluster-arn'];
  },
  'pods cannot say who they are': (all) => {
    trust(all, 'Sampler')[0].Action = 'sts:AssumeRole';
  },
  'a whole account reviews': (all) => {
    trust(all, 'Reviewer')[0].Principal = { AWS: 'arn:aws:iam::111122223333:root' };
  },
  'results have no versions': (all) => {
    delete properties(all, 'Storage', 'Results').VersioningConfiguration;
  },
  'results are open to the world': (all) => {
    delete properties(all, 'Storage', 'Results').PublicAccessBlockConfiguration;
  },
  'results go with their stack': (all) => {
    Object.assign(resource(all, 'Storage', 'Results'), { DeletionPolicy: 'Delete' });
  },
  "the bucket's policy goes with its stack": (all) => {
    Object.assign(resource(all, 'Storage', 'ResultsPolicy'), { DeletionPolicy: 'Delete' });
  },
  'results expire': (all) => {
    Object.assign(properties(all, 'Storage', 'Results').LifecycleConfiguration, {
      Rules: [{ ExpirationInDays: 30, Status: 'Enabled', AbortIncompleteMultipartUpload: {} }],
    });
  },
  'the API server is open to the world': (all) => {
    Object.assign(properties(all, 'Cluster', 'Cluster').ResourcesVpcConfig, { EndpointPublicAccess: true });
  },
  'nobody knows what the API server was asked': (all) => {
    Object.assign(properties(all, 'Cluster', 'Cluster'), { Logging: {} });
  },
  'a tag of an image changes what it means': (all) => {
    Object.assign(properties(all, 'Images', 'Sampler'), { ImageTagMutability: 'MUTABLE' });
  },
};

describe('a template that is wrong is found out:', () => {
  it('the templates as they are have no faults', () => {
    expect(findFaults(templates)).toEqual([]);
  });

  it.each(Object.entries(edits))('%s', (_, edit) => {
    const edited = structuredClone(templates);
    edit(edited);
    expect(edited).not.toEqual(templates);
    expect(findFaults(edited)).not.toEqual([]);
  });
});
