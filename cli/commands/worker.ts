import { Command, Option } from 'commander';
import type { LogLevel } from '@temporalio/worker';
import type { WorkerRole } from '../../workers/run-workers.ts';
import { addTemporalFlags, type TemporalFlags } from '../connect.ts';
import { temporalConfig } from '../temporal-config.ts';
import { namedDeployment } from '../named-deployment.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends TemporalFlags {
  readonly role?: WorkerRole;
  readonly processes?: number;
  readonly deployment?: string;
  readonly logLevel: LogLevel;
}

/** `perimeter worker`: runs until it is told to stop. */
export function workerCommand(): Command {
  return addTemporalFlags(new Command('worker'))
    .description('Run workers on this machine: control (workflows, store), sampler (the model), or both.')
    .addOption(new Option('--role <role>', 'one of them alone (default: both)').choices(['control', 'sampler']))
    .addOption(new Option('--device <device>', 'where the sampler runs the model').choices(['cpu']).default('cpu'))
    .option('--processes <n>', 'model processes of the sampler (default: one a core)', wholeNumber({ min: 1 }))
    .option(
      '--deployment <name>',
      'the deployment whose runs of this build it carries out (default: TEMPORAL_DEPLOYMENT_NAME, or unversioned)',
    )
    .addOption(
      new Option('--log-level <level>', 'least level logged')
        .choices(['DEBUG', 'INFO', 'WARN', 'ERROR'])
        .default('INFO'),
    )
    .addHelpText(
      'after',
      `
Examples:
  perimeter worker                        both roles, beside a server on localhost:7233
  perimeter worker --role sampler --address temporal:7233
  perimeter worker --deployment perimeter runs started on this build ("perimeter deployment" tells which)`,
    )
    .action(async ({ role, processes, deployment, logLevel, ...flags }: Flags) => {
      const { runWorkers } = await import('../../workers/run-workers.ts');
      const { buildId } = await import('../../workers/build-id.ts');
      const deploymentName = deployment ?? namedDeployment();
      const { connectionOptions, namespace } = await temporalConfig(flags);
      await runWorkers({
        roles: role === undefined ? ['control', 'sampler'] : [role],
        ...connectionOptions,
        namespace,
        logLevel,
        ...(deploymentName !== undefined && { deployment: { deploymentName, buildId: buildId() } }),
        ...(processes !== undefined && { processes }),
      });
    });
}
