import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stores } from '../storage/stores.ts';

/**
 * What may pass the gateway to S3: Perimeter's buckets, by this account's identities, and image layers. So credentials of another
 * account can't carry results out of the network this way.
 *
 * The policy of a gateway endpoint can name no role or user: it has to say `*`, and the conditions say who.
 */
export function s3EndpointStatements({ results, inputs }: Stores): PolicyStatement[] {
  const everybody = { principals: [new AnyPrincipal()] };
  return [
    new PolicyStatement({
      ...everybody,
      sid: 'PerimetersBuckets',
      actions: ['s3:*'],
      resources: [results, inputs].flatMap(({ arn }) => [arn, `${arn}/*`]),
      conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
    }),
    // ECR and registry.k8s.io answer with the place of a layer in buckets of their own, signed by themselves.
    new PolicyStatement({
      ...everybody,
      sid: 'ImageLayers',
      actions: ['s3:GetObject'],
      resources: ['prod-' + Aws.REGION + '-starport-layer-bucket', 'prod-registry-k8s-io-' + Aws.REGION].map(
        (bucket) => `arn:${Aws.PARTITION}:s3:::${bucket}/*`,
      ),
    }),
  ];
}
