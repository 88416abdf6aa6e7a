import { readFileSync } from 'node:fs';
import { Stack, type App } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings.ts';
import { findFaults } from './checks/find-faults.ts';
import { matrix } from './checks/permission-matrix.ts';
import { propertyFaults } from './checks/property-faults.ts';
import { deploy, isAllowed } from './support/account.ts';
import { resolveIntrinsics, type Resource, type Template } from './support/resolve-intrinsics.ts';
import { allIdentities, leastSettings, synthesize } from './support/synthesize.ts';

/** The resources of a type, in a stack. */
function resources({ Resources }: Template, type: string): Resource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

describe('the templates', () => {
  it('let each identity do what it has to, and nothing else', () => {
    const { templates } = synthesize(allIdentities);
    expect(findFaults(templates)).toEqual([]);
    expect(matrix(deploy(templates)).length).toBeGreaterThan(2_000);
  });

  it('are the same bytes each time, and need nothing looked up in an account', () => {
    const [once, again] = [synthesize(), synthesize()];
    expect(once.files).toEqual(again.files);
    expect(once.missing).toEqual([]);
    expect(Object.keys(once.templates)).toHaveLength(5);
  });

  it('have no more identities than are asked for', () => {
    const { PerimeterIdentities: identities } = synthesize(leastSettings).templates;
    expect(resources(identities, 'AWS::IAM::Role')).toHaveLength(2);
    const associated = resources(identities, 'AWS::EKS::PodIdentityAssociation');
    expect(associated.map(({ Properties: { Namespace, ServiceAccount } }) => [Namespace, ServiceAccount])).toEqual([
      ['perimeter', 'sampler'],
      ['perimeter', 'control'],
    ]);
  });

  it('hold nothing that has to be uploaded before they are deployed', () => {
    const { files } = synthesize();
    for (const text of Object.values(files))
      expect(text).not.toMatch(/AWS::Lambda|AWS::CloudFormation::CustomResource|cdk-hnb659fds-assets/);
  });
});

describe('rules of cdk-nag', () => {
  it('are checked by every synthesis, which fails where one is broken', () => {
    const careless = (app: App) => {
      new Bucket(new Stack(app, 'Careless'), 'Bucket');
    };
    expect(() => synthesize(leastSettings, careless)).toThrow(/AwsSolutions-S1'/);
  });

  it('let a pattern of keys pass, and no other wildcard', () => {
    const allowing = (actions: string[], resource: string) => () =>
      synthesize(leastSettings, (app) => {
        const statements = [new PolicyStatement({ actions, resources: [resource] })];
        new ManagedPolicy(new Stack(app, 'More'), 'Policy', { statements });
      });
    expect(allowing(['s3:GetObject'], 'arn:aws:s3:::*')).toThrow(/IAM5/);
    expect(allowing(['s3:*'], 'arn:aws:s3:::bucket/key')).toThrow(/IAM5/);
    expect(allowing(['iam:PassRole'], 'arn:aws:iam::111122223333:role/*')).toThrow(/IAM5/);
    expect(allowing(['s3:GetObject'], 'arn:aws:s3:::bucket/key')).not.toThrow();
  });
});

describe('choices', () => {
  const storageOf = (more: object) => synthesize({ ...leastSettings, ...more }).templates.PerimeterStorage;

  it('lock versions, for as long as is said', () => {
    const locks = (more: object) =>
      resources(storageOf(more), 'AWS::S3::Bucket').flatMap(
        ({ Properties }) => Properties.ObjectLockConfiguration ?? [],
      );
    expect(locks({})).toEqual([]);
    expect(locks({ objectLock: 'compliance', objectLockDays: '365' })).toEqual([
      { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 365, Mode: 'COMPLIANCE' } } },
    ]);
    expect(locks({ objectLock: 'governance', objectLockDays: 30 })).toMatchObject([
      { Rule: { DefaultRetention: { Mode: 'GOVERNANCE' } } },
    ]);
  });

  it('read a bucket that is there already, under some of its prefixes alone', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { templates } = synthesize({
      ...leastSettings,
      inputsBucket: 'lake',
      inputsKeyArn: key,
      inputsPrefixes: 'models/,imagenet/val/',
    });
    expect(resources(templates.PerimeterStorage, 'AWS::S3::Bucket')).toHaveLength(2);
    const wholeAccount = { AWS: 'arn:aws:iam::111122223333:root' };
    const inputs = {
      name: 'lake',
      arn: 'arn:aws:s3:::lake',
      policy: [],
      key: {
        arn: key,
        policy: [{ Effect: 'Allow', Action: 'kms:*', Principal: wholeAccount, Resource: '*' }] as const,
      },
    };
    const { identities } = deploy(templates, inputs);
    const may = (action: string, at: { key?: string; context?: Record<string, string> }) =>
      isAllowed(identities.Sampler, { action, bucket: inputs, ...at, kms: at.key === undefined ? [] : ['kms:Decrypt'] })
        .allowed;
    expect(may('s3:GetObject', { key: 'imagenet/val/n01440764/1.JPEG' })).toBe(true);
    expect(may('s3:GetObject', { key: 'models/resnet.onnx' })).toBe(true);
    expect(may('s3:GetObject', { key: 'salaries/2026.csv' })).toBe(false);
    expect(may('s3:ListBucket', { context: { 's3:prefix': 'models/resnet/' } })).toBe(true);
    expect(may('s3:ListBucket', { context: { 's3:prefix': 'salaries/' } })).toBe(false);
    expect(may('s3:ListBucket', {})).toBe(false);
  });

  it('open the API server to ranges that are named', () => {
    const { PerimeterCluster: cluster } = synthesize({
      ...leastSettings,
      publicAccessCidrs: '203.0.113.0/24,198.51.100.7/32',
    }).templates;
    const [{ Properties }] = resources(cluster, 'AWS::EKS::Cluster');
    expect(Properties.ResourcesVpcConfig).toMatchObject({
      EndpointPrivateAccess: true,
      EndpointPublicAccess: true,
      PublicAccessCidrs: ['203.0.113.0/24', '198.51.100.7/32'],
    });
  });

  it('leave no way to the internet, and then one to each service that nodes need', () => {
    const { templates } = synthesize({ ...allIdentities, natGateways: '0' });
    const { PerimeterNetwork: network } = resolveIntrinsics(templates);
    const types = Object.values(network.Resources).map(({ Type }) => Type);
    expect(types).not.toContain('AWS::EC2::NatGateway');
    expect(types).not.toContain('AWS::EC2::InternetGateway');
    const services = resources(network, 'AWS::EC2::VPCEndpoint').map(
      ({ Properties }) => String(Properties.ServiceName).split('eu-central-1.')[1],
    );
    expect(services.sort()).toEqual(['ec2', 'ecr.api', 'ecr.dkr', 'eks', 'eks-auth', 's3', 'sts']);
    expect(findFaults(templates)).toEqual([]);
  });

  it('leave out interface endpoints where there is another way out', () => {
    const { PerimeterNetwork: network } = synthesize().templates;
    expect(resources(network, 'AWS::EC2::NatGateway')).toHaveLength(1);
    expect(resources(network, 'AWS::EC2::VPCEndpoint')).toHaveLength(1);
  });

  it('take zones by their names', () => {
    const { templates } = synthesize({ ...allIdentities, availabilityZones: 'us-east-1a,us-east-1b' });
    const zones = resources(templates.PerimeterNetwork, 'AWS::EC2::Subnet').map(
      ({ Properties }) => Properties.AvailabilityZone,
    );
    expect(new Set(zones)).toEqual(new Set(['us-east-1a', 'us-east-1b']));
    expect(propertyFaults(resolveIntrinsics(templates))).toEqual([]);
  });

  it('are all in the README', () => {
    const asked: string[] = [];
    readSettings((key) => {
      asked.push(key);
      return (leastSettings as Record<string, string>)[key];
    });
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const table = readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Who may do what'));
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(asked.sort());
  });

  it.each([
    [{}, /-c adminRoleArn/],
    [{ adminRoleArn: '*' }, /adminRoleArn: expected the ARN of one role or user/],
    [{ adminRoleArn: 'arn:aws:iam::111122223333:root' }, /adminRoleArn/],
    [{ ...leastSettings, reviewers: 'arn:aws:iam::111122223333:role/*' }, /reviewers.0: expected the ARN/],
    [{ ...leastSettings, publicAccessCidrs: '203.0.113.0' }, /publicAccessCidrs.0: expected an IPv4 range/],
    [{ ...leastSettings, objectLock: 'compliance' }, /objectLockDays: objectLock and objectLockDays go together/],
    [{ ...leastSettings, inputsPrefixes: 'models' }, /inputsPrefixes.0: expected a prefix that ends with a slash/],
    [{ ...leastSettings, inputsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1' }, /inputsKeyArn: is of a bucket/],
    [{ ...leastSettings, natGateways: 'two' }, /natGateways/],
  ])('are refused with a line for each that is wrong: %j', (context, sentence) => {
    expect(() => synthesize(context)).toThrow(sentence);
  });
});
