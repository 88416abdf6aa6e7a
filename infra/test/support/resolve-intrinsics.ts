/** A resource of a template; every one here has properties. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

/** A template of CloudFormation, as far as it is looked at here. */
export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

const pseudo: Record<string, string> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * Templates with their references as they come out in an account: buckets, keys and roles are named after their logical
 * ids, or as the template says.
 *
 * @throws Error where something is referred to that nothing here knows.
 */
export function resolveIntrinsics(templates: Record<string, Template>): Record<string, Template> {
  const exported = new Map<string, { template: Template; value: unknown }>();
  for (const template of Object.values(templates)) {
    for (const { Value, Export } of Object.values(template.Outputs ?? {})) {
      if (Export !== undefined) exported.set(Export.Name, { template, value: Value });
    }
  }
  const resolve = (value: unknown, template: Template): unknown => {
    if (Array.isArray(value)) return value.map((each) => resolve(each, template));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value) as [string, unknown][];
    const [name, argument] = entries.length === 1 ? entries[0] : ['', undefined];
    switch (name) {
      case 'Ref':
        return pseudo[argument as string] ?? nameOf(template, argument as string);
      case 'Fn::GetAtt': {
        const [id, attribute] = argument as [string, string];
        return attribute === 'Arn' ? arnOf(template, id) : `${id}.${attribute}`;
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => resolve(part, template)).join(separator);
      }
      case 'Fn::ImportValue': {
        const found = exported.get(argument as string);
        if (found === undefined) throw new Error(`Nothing is exported as ${argument as string}.`);
        return resolve(found.value, found.template);
      }
      case 'Fn::Select': {
        const [at, list] = argument as [number, unknown];
        return `${JSON.stringify(list)}[${at}]`;
      }
      default:
        if (name.startsWith('Fn::')) throw new Error(`${name} isn't resolved here.`);
        return Object.fromEntries(entries.map(([key, each]) => [key, resolve(each, template)]));
    }
  };
  return Object.fromEntries(
    Object.entries(templates).map(([stack, template]) => [
      stack,
      { ...template, Resources: resolve(template.Resources, template) as Template['Resources'] },
    ]),
  );
}

function resourceOf(template: Template, id: string) {
  const found = Object.entries(template.Resources).find(([each]) => each === id)?.[1];
  if (found === undefined) throw new Error(`There is no resource ${id}.`);
  return found;
}

function nameOf(template: Template, id: string): string {
  const { Properties } = resourceOf(template, id);
  const given = Properties.BucketName ?? Properties.Name ?? Properties.LogGroupName;
  return typeof given === 'string' ? given : id.toLowerCase();
}

function arnOf(template: Template, id: string): string {
  const { Type, Properties } = resourceOf(template, id);
  const name = nameOf(template, id);
  switch (Type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${ACCOUNT}:role${typeof Properties.Path === 'string' ? Properties.Path : '/'}${name}`;
    case 'AWS::EKS::Cluster':
      return `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${name}`;
    default:
      return `arn:aws:${Type.split('::')[1].toLowerCase()}:${REGION}:${ACCOUNT}:${name}`;
  }
}
