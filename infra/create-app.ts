import { App, Tags, Validations } from 'aws-cdk-lib';
import { featureFlags } from './feature-flags.ts';
import { NagChecks } from './nag-checks.ts';
import { readSettings } from './settings.ts';
import { ClusterStack } from './stacks/cluster-stack.ts';
import { IdentitiesStack } from './stacks/identities-stack.ts';
import { ImagesStack } from './stacks/images-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

/**
 * The app. Every synthesis checks it against cdk-nag's AwsSolutions rules, and fails where one is broken.
 *
 * @param options.context settings beside those of the command line.
 * @param options.outdir where templates go; by default where the CDK's command line looks for them.
 */
export function createApp(options: { context?: Record<string, unknown>; outdir?: string } = {}): App {
  const { context = {}, ...rest } = options;
  const app = new App({ ...rest, context: { ...featureFlags, ...context }, analyticsReporting: false });
  const settings = readSettings((key) => app.node.tryGetContext(key));
  const { stores } = new StorageStack(app, 'PerimeterStorage', settings);
  new ImagesStack(app, 'PerimeterImages');
  const { vpc } = new NetworkStack(app, 'PerimeterNetwork', { ...settings, stores });
  const { cluster } = new ClusterStack(app, 'PerimeterCluster', { ...settings, vpc });
  new IdentitiesStack(app, 'PerimeterIdentities', { ...settings, stores, cluster });
  Tags.of(app).add('project', 'perimeter');
  Validations.of(app).addPlugins(new NagChecks(app));
  return app;
}
