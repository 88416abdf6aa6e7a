import { Command } from 'commander';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import type { Deployment } from '../deployments.ts';
import { namedDeployment } from '../named-deployment.ts';

/** Where neither flag nor environment names one. */
const DEFAULT_NAME = 'perimeter';

interface Flags extends TemporalFlags {
  readonly deployment?: string;
  readonly json?: boolean;
}

/** `perimeter deployment`: the versions of versioned workers, and which of them gets new runs. */
export function deploymentCommand(): Command {
  const show = addDeploymentFlags(new Command('show'))
    .description('List the versions of a deployment: which one gets new runs, which have runs under way.')
    .addHelpText('after', '\nExample:\n  perimeter deployment show')
    .action(async (flags: Flags) => {
      const { fetchDeployment } = await import('../deployments.ts');
      const { client, name } = await connect(flags);
      try {
        print(await fetchDeployment(client, name), flags);
      } finally {
        await client.connection.close();
      }
    });
  const rollout = addDeploymentFlags(new Command('rollout'))
    .description('Send new runs to a version; those under way stay with theirs. Its workers must be up.')
    .argument(
      '[build-id]',
      "the version's build id (default: TEMPORAL_WORKER_BUILD_ID, or the one of this installation)",
    )
    .addHelpText('after', '\nExample:\n  perimeter deployment rollout 0.1.0-3f9a1c20b7de --deployment perimeter')
    .action(async (named: string | undefined, flags: Flags) => {
      const { fetchDeployment, rollOut } = await import('../deployments.ts');
      const { buildId } = await import('../../workers/build-id.ts');
      const { client, name } = await connect(flags);
      try {
        await rollOut(client, { deploymentName: name, buildId: named ?? buildId() });
        print(await fetchDeployment(client, name), flags);
      } finally {
        await client.connection.close();
      }
    });
  return new Command('deployment')
    .description('Versions of workers: see them, and say which one gets new runs.')
    .addCommand(show)
    .addCommand(rollout)
    .addHelpText('after', '\nExamples:\n  perimeter deployment show\n  perimeter deployment rollout');
}

function addDeploymentFlags(command: Command): Command {
  return addTemporalFlags(command)
    .option('--deployment <name>', `its name (default: TEMPORAL_DEPLOYMENT_NAME, or ${DEFAULT_NAME})`)
    .option('--json', 'print one JSON object');
}

async function connect({ deployment, address, namespace }: Flags) {
  const client = await connectClient({ ...(address && { address }), ...(namespace && { namespace }) });
  return { client, name: deployment ?? namedDeployment() ?? DEFAULT_NAME };
}

function print(deployment: Deployment, { json }: Flags) {
  process.stdout.write(json === true ? `${JSON.stringify(deployment)}\n` : describe(deployment));
}

function describe({ deployment, current, versions }: Deployment): string {
  const width = Math.max(...versions.map(({ buildId }) => buildId.length));
  const runs = (count: number) => `${count} ${count === 1 ? 'run' : 'runs'} under way`;
  return [
    `deployment  ${deployment}`,
    `new runs    ${current ?? 'go to workers without a version: none is current'}`,
    ...versions.map(
      ({ buildId, state, runs: count, since }) =>
        `version     ${buildId.padEnd(width)}  ${state.padEnd('draining'.length)}  ${runs(count)}, since ${since}`,
    ),
    '',
  ].join('\n');
}
