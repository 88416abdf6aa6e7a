import { isIPv4 } from 'node:net';
import { z } from 'zod';

/** A list, also as `-c key=a,b` of the command line has it. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value),
    z.array(item).default([]),
  );
const whole = z.coerce.number().int();
const flag = z.preprocess((value) => (typeof value === 'string' ? value === 'true' : value), z.boolean());

/** One role or user: never an account, and never a pattern. */
const principalArn = z
  .string()
  .regex(/^arn:aws[\w-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/, 'expected the ARN of one role or user');
const cidr = z.string().refine((value) => {
  const [address, bits, ...rest] = value.split('/');
  return isIPv4(address) && rest.length === 0 && /^(\d|[12]\d|3[0-2])$/.test(bits);
}, 'expected an IPv4 range, such as 203.0.113.0/24');
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket');

const settingsSchema = z
  .object({
    /** Who administers the cluster: nobody else has access to it, not even whoever deploys it. */
    adminRoleArn: principalArn,
    clusterName: z
      .string()
      .regex(/^[a-zA-Z0-9][\w-]{0,99}$/)
      .default('perimeter'),
    kubernetesVersion: z
      .string()
      .regex(/^1\.\d+$/)
      .default('1.36'),
    /** Whence the API server may be reached besides the VPC; from nowhere else where empty. */
    publicAccessCidrs: listOf(cidr),

    vpcCidr: cidr.default('10.42.0.0/16'),
    /** Three of the region's own where empty. */
    availabilityZones: listOf(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'expected an availability zone')),
    /** Ways out to the internet; 0 for none, which Temporal Cloud isn't reachable by. */
    natGateways: whole.min(0).max(3).default(1),
    /** Ways to AWS's own services that don't need the internet; by default where there is no other. */
    interfaceEndpoints: flag.optional(),

    /** Of the bucket that is made for results; by default CloudFormation finds one. */
    resultsBucketName: bucketName.optional(),
    /** The bucket that holds models and datasets; by default one is made. */
    inputsBucket: bucketName.optional(),
    /** The KMS key of that bucket, where it has one. */
    inputsKeyArn: z
      .string()
      .regex(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'expected the ARN of a KMS key')
      .optional(),
    /** What of the inputs Perimeter may read; all of the bucket where empty. */
    inputsPrefixes: listOf(z.string().regex(/^[^*?]+\/$/, 'expected a prefix that ends with a slash')),
    /** Keeps every version for so long, whoever asks to delete it: `compliance` even from the account's own root user. */
    objectLock: z.enum(['governance', 'compliance']).optional(),
    objectLockDays: whole.min(1).max(36_500).optional(),
    /** How long a version stays that was replaced or deleted. */
    noncurrentDays: whole.min(31).default(180),

    /** Who may read results and inputs, and verify them. */
    reviewers: listOf(principalArn),
    /** Who may also put a signature beside a manifest. */
    signers: listOf(principalArn),
    /** A role for a service account `gc`, which deletes old runs. */
    gc: flag.default(false),
    /** A role for a service account `serve`, which shows results. */
    serve: flag.default(false),
  })
  .refine(({ objectLock, objectLockDays }) => (objectLock === undefined) === (objectLockDays === undefined), {
    path: ['objectLockDays'],
    message: 'objectLock and objectLockDays go together',
  })
  .refine(({ inputsBucket, inputsKeyArn }) => inputsKeyArn === undefined || inputsBucket !== undefined, {
    path: ['inputsKeyArn'],
    message: 'is of a bucket that is there already: set inputsBucket too',
  });

/** What is chosen about an installation, from the context of the CDK (`-c key=value`, or `cdk.context.json`). */
export type Settings = z.infer<typeof settingsSchema>;

/**
 * Reads the settings.
 *
 * @param context gives the value of a key, undefined where it isn't set.
 * @throws Error with a line for each that is missing or wrong.
 */
export function readSettings(context: (key: string) => unknown): Settings {
  const given = Object.keys(settingsSchema.shape).map((key) => [key, context(key)]);
  const parsed = settingsSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `  -c ${path.join('.')}: ${message}`);
  throw new Error(`These settings are missing or wrong (infra/README.md lists all of them):\n${lines.join('\n')}`);
}
