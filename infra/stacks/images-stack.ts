import { CfnOutput, Duration, RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { Repository, RepositoryEncryption, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';

/** Manifests name images by digest: what lost its tag this long ago was replaced before it was used. */
const UNTAGGED_DAYS = 30;

/** Where the images are. A tag says once what it means; each image is scanned when it comes. */
export class ImagesStack extends Stack {
  constructor(app: App, id: string) {
    super(app, id, { description: 'Perimeter: images', terminationProtection: true });
    for (const [name, image] of [
      ['Control', 'control'],
      ['Sampler', 'sampler-cuda'],
    ]) {
      const repository = new Repository(this, name, {
        repositoryName: `perimeter/${image}`,
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        encryption: RepositoryEncryption.KMS,
        lifecycleRules: [{ tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(UNTAGGED_DAYS) }],
        removalPolicy: RemovalPolicy.RETAIN,
      });
      new CfnOutput(this, `${name}Repository`, { value: repository.repositoryUri });
    }
  }
}
