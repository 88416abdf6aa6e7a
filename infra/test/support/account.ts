import { decide, listOf, type Question, type Statement } from './policy.ts';
import { ACCOUNT, REGION, resolveIntrinsics, type Template } from './resolve-intrinsics.ts';

/** An account after the templates were deployed, as far as it decides who may do what to the buckets. */
export interface Account {
  readonly results: BucketAccess;
  readonly inputs: BucketAccess;
  /** By the names of the constructs of their roles: `Sampler`, …; and `Admin`, who may do everything that no policy forbids. */
  readonly identities: Record<string, Identity>;
}

/** Of every question that a policy of this account may ask back about. */
const IN_ACCOUNT = { 'aws:PrincipalAccount': ACCOUNT };

export interface BucketAccess {
  readonly name: string;
  readonly arn: string;
  readonly policy: readonly Statement[];
  readonly key: { readonly arn: string; readonly policy: readonly Statement[] };
}

export interface Identity {
  readonly roleArn: string;
  readonly trust: readonly Statement[];
  readonly statements: readonly Statement[];
  /** What lets its requests through on their way to S3; undefined where they don't come from the network. */
  readonly endpoint?: readonly Statement[];
}

/** What of a request matters to policies. */
export interface S3Operation {
  readonly action: string;
  readonly bucket: BucketAccess;
  /** Of the object; none where it is about the bucket. */
  readonly key?: string;
  readonly context?: Readonly<Record<string, string>>;
  /** What S3 does with the bucket's key for it. */
  readonly kms?: readonly string[];
}

/** How requests come, unless a test says otherwise. */
const OVER_TLS = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

/**
 * The account that templates make.
 *
 * @param inputs the bucket of models and datasets, where it was there before; else the templates make one.
 */
export function deploy(unresolved: Record<string, Template>, inputs?: BucketAccess): Account {
  const templates = resolveIntrinsics(unresolved);
  const { PerimeterStorage: storage, PerimeterIdentities: identities, PerimeterNetwork: network } = templates;
  const gateways = Object.values(network.Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::EC2::VPCEndpoint' && Properties.VpcEndpointType === 'Gateway',
  );
  const endpoint = gateways.flatMap(({ Properties }) => statementsOf(Properties.PolicyDocument));
  const roles = Object.entries(identities.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  const policies = Object.values(identities.Resources).filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy');
  const admin = { trust: [], statements: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } as const;
  return {
    results: bucketAccess(storage, 'Results'),
    inputs: inputs ?? bucketAccess(storage, 'Inputs'),
    identities: {
      Admin: { ...admin, roleArn: `arn:aws:iam::${ACCOUNT}:role/platform/Admin` },
      ...Object.fromEntries(
        roles.map(([id, { Properties }]) => {
          const name = id.toLowerCase();
          const path = typeof Properties.Path === 'string' ? Properties.Path : '/';
          const own = policies.filter(({ Properties: { Roles } }) => listOf(Roles as string[]).includes(name));
          const trust = statementsOf(Properties.AssumeRolePolicyDocument);
          const isPod = trust.some(({ Principal }) => typeof Principal === 'object' && 'Service' in Principal);
          const identity: Identity = {
            roleArn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
            trust,
            ...(isPod && { endpoint }),
            statements: [
              ...own.flatMap(({ Properties: { PolicyDocument } }) => statementsOf(PolicyDocument)),
              ...listOf(Properties.Policies as { PolicyDocument: unknown }[] | undefined).flatMap(
                ({ PolicyDocument }) => statementsOf(PolicyDocument),
              ),
            ],
          };
          // What the CDK adds to a construct's name is a digest of eight digits.
          return [id.slice(0, -8), identity];
        }),
      ),
    },
  };
}

function bucketAccess({ Resources }: Template, construct: string): BucketAccess {
  const all = Object.entries(Resources);
  const ofType = (type: string, name: string) => {
    const found = all.find(([id, { Type }]) => Type === type && id.slice(0, -8) === name);
    if (found === undefined) throw new Error(`There is no ${type} ${name}.`);
    return { id: found[0], properties: found[1].Properties };
  };
  const name = ofType('AWS::S3::Bucket', construct).id.toLowerCase();
  const key = ofType('AWS::KMS::Key', `${construct}Key`);
  return {
    name,
    arn: `arn:aws:s3:::${name}`,
    policy: statementsOf(ofType('AWS::S3::BucketPolicy', `${construct}Policy`).properties.PolicyDocument),
    key: {
      arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${key.id.toLowerCase()}`,
      policy: statementsOf(key.properties.KeyPolicy),
    },
  };
}

export function statementsOf(document: unknown): readonly Statement[] {
  return (document as { Statement: Statement[] }).Statement;
}

/**
 * Whether an identity may do something to a bucket: by its own policy and the bucket's, by that of the way to S3, and by the
 * policies of the key.
 *
 * @returns with what was refused first.
 */
export function isAllowed(
  { roleArn, statements, endpoint }: Identity,
  { action, bucket, key, context, kms = [] }: S3Operation,
): { allowed: boolean; refused?: string } {
  const resource = key === undefined ? bucket.arn : `${bucket.arn}/${key}`;
  const about = { ...OVER_TLS, ...IN_ACCOUNT, 'aws:PrincipalArn': roleArn, ...context };
  const question: Question = { principal: roleArn, action, resource, context: about };
  const refuse = (refused: string) => ({ allowed: false, refused });
  if (!decide(question, { identity: statements, resource: bucket.policy }).allowed)
    return refuse(`${action} on ${resource}`);
  if (endpoint !== undefined && !decide(question, { identity: [], resource: endpoint }).allowed) {
    return refuse(`${action} on ${resource}, on the way`);
  }
  const refused = kms.find((each) => !mayUseKey({ roleArn, statements }, each, bucket));
  return refused === undefined ? { allowed: true } : refuse(`${refused} for ${resource}`);
}

/**
 * Whether an identity may use a bucket's key. The key's policy lets the account through, and then the identity's has to.
 *
 * @param context of the request; by default that of S3 for an object of the bucket.
 */
export function mayUseKey(
  { roleArn, statements }: Pick<Identity, 'roleArn' | 'statements'>,
  action: string,
  { arn, key }: Pick<BucketAccess, 'arn' | 'key'>,
  context: Record<string, string> = {
    'kms:ViaService': `s3.${REGION}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': arn,
  },
): boolean {
  const question: Question = { principal: roleArn, action, resource: key.arn, context };
  const ofKey = key.policy.map((statement) => ({ ...statement, Resource: key.arn }));
  return (
    decide(question, { identity: [], resource: ofKey }).allowed &&
    decide(question, { identity: statements, resource: [] }).allowed
  );
}
