import type { Resource, Template } from '../support/resolve-intrinsics.ts';

/** What has to be so about a kind of resource, beyond what policies say. */
interface Rule {
  readonly type: string;
  /** Which of them; all where left out. */
  readonly id?: RegExp;
  readonly says: string;
  readonly holds: (resource: Resource) => boolean;
}

type Json = Record<string, unknown>;
const part = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((found, key) => (found as Json | undefined)?.[key], value);

const rules: Rule[] = [
  {
    type: 'AWS::S3::Bucket',
    says: 'lets nobody in from outside',
    holds: ({ Properties }) => {
      const block = Object.values((Properties.PublicAccessBlockConfiguration ?? {}) as Json);
      return block.length === 4 && block.every((each) => each === true);
    },
  },
  {
    type: 'AWS::S3::Bucket',
    says: 'has one owner',
    holds: ({ Properties }) =>
      part(Properties, 'OwnershipControls', 'Rules', 0, 'ObjectOwnership') === 'BucketOwnerEnforced',
  },
  {
    type: 'AWS::S3::Bucket',
    says: 'stays when its stack goes',
    holds: ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
  },
  {
    type: 'AWS::S3::BucketPolicy',
    says: 'stays with its bucket',
    holds: ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
  },
  {
    type: 'AWS::KMS::Key',
    says: 'stays with what it encrypts',
    holds: ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
  },
  {
    type: 'AWS::KMS::Key',
    says: 'is turned every year',
    holds: ({ Properties }) => Properties.EnableKeyRotation === true,
  },
  {
    type: 'AWS::S3::Bucket',
    id: /^(Results|Inputs)/,
    says: 'keeps versions',
    holds: ({ Properties }) => part(Properties, 'VersioningConfiguration', 'Status') === 'Enabled',
  },
  {
    type: 'AWS::S3::Bucket',
    id: /^(Results|Inputs)/,
    says: 'is encrypted by its key, which is asked once a bucket',
    holds: ({ Properties }) => {
      const rule = part(Properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0);
      return (
        part(rule, 'BucketKeyEnabled') === true &&
        part(rule, 'ServerSideEncryptionByDefault', 'SSEAlgorithm') === 'aws:kms'
      );
    },
  },
  {
    type: 'AWS::S3::Bucket',
    id: /^(Results|Inputs)/,
    says: 'logs who reads',
    holds: ({ Properties }) => part(Properties, 'LoggingConfiguration', 'DestinationBucketName') !== undefined,
  },
  {
    type: 'AWS::S3::Bucket',
    says: 'gives up uploads that nobody goes on with',
    holds: ({ Properties }) =>
      (part(Properties, 'LifecycleConfiguration', 'Rules') as Json[]).some(
        ({ AbortIncompleteMultipartUpload: abort, Status }) => abort !== undefined && Status === 'Enabled',
      ),
  },
  {
    // A rule without a prefix that expires what is current would delete results.
    type: 'AWS::S3::Bucket',
    id: /^(Results|Inputs)/,
    says: 'lets nothing go that is current, but what start-up checks tried with',
    holds: ({ Properties }) =>
      (part(Properties, 'LifecycleConfiguration', 'Rules') as Json[]).every(
        ({ ExpirationInDays, ExpirationDate, Prefix }) =>
          (ExpirationInDays ?? ExpirationDate) === undefined || Prefix === '.perimeter-check/',
      ),
  },
  {
    type: 'AWS::EKS::Cluster',
    says: 'encrypts secrets',
    holds: ({ Properties }) => part(Properties, 'EncryptionConfig', 0, 'Provider', 'KeyArn') !== undefined,
  },
  {
    type: 'AWS::EKS::Cluster',
    says: 'logs what its API is asked',
    holds: ({ Properties }) =>
      JSON.stringify(part(Properties, 'Logging', 'ClusterLogging', 'EnabledTypes') ?? []).includes('"audit"'),
  },
  {
    type: 'AWS::EKS::Cluster',
    says: 'is reached from within, and from nowhere else but where it is told',
    holds: ({ Properties }) => {
      const config = Properties.ResourcesVpcConfig as Json;
      const ranges = (config.PublicAccessCidrs ?? []) as string[];
      const isOpen = config.EndpointPublicAccess === true && (ranges.length === 0 || ranges.includes('0.0.0.0/0'));
      return config.EndpointPrivateAccess === true && !isOpen;
    },
  },
  {
    type: 'AWS::EKS::Cluster',
    says: 'gives whoever deploys it no rights',
    holds: ({ Properties }) => part(Properties, 'AccessConfig', 'BootstrapClusterCreatorAdminPermissions') === false,
  },
  {
    type: 'AWS::EKS::Cluster',
    says: 'is in Auto Mode',
    holds: ({ Properties }) => part(Properties, 'ComputeConfig', 'Enabled') === true,
  },
  {
    type: 'AWS::ECR::Repository',
    says: 'has tags that stay what they are, and is scanned',
    holds: ({ Properties }) =>
      Properties.ImageTagMutability === 'IMMUTABLE' &&
      part(Properties, 'ImageScanningConfiguration', 'ScanOnPush') === true,
  },
  {
    type: 'AWS::EC2::Subnet',
    says: 'gives nothing a public address',
    holds: ({ Properties }) => Properties.MapPublicIpOnLaunch === false,
  },
];

/** What resources of the templates lack: a sentence each. */
export function propertyFaults(templates: Record<string, Template>): string[] {
  const resources = Object.values(templates).flatMap(({ Resources }) => Object.entries(Resources));
  return rules.flatMap(({ type, id, says, holds }) => {
    const meant = resources.filter(([name, { Type }]) => Type === type && (id === undefined || id.test(name)));
    if (meant.length === 0) return [`There is no ${type} that ${says}`];
    return meant.filter(([, resource]) => !holds(resource)).map(([name]) => `${name} is no ${type} that ${says}`);
  });
}
