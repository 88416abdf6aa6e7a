import { Command, Option } from 'commander';
import type { LogLevel } from '@temporalio/worker';
import type { LogFormat } from '../../workers/log.ts';
import type { WorkerRole } from '../../workers/run-workers.ts';
import { addTemporalFlags, type TemporalFlags } from '../connect.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { temporalConfig } from '../temporal-config.ts';
import { namedDeployment } from '../named-deployment.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends TemporalFlags {
  readonly role?: WorkerRole;
  readonly device: string;
  readonly processes?: number;
  readonly deployment?: string;
  readonly logLevel: LogLevel;
  readonly logFormat?: LogFormat;
  readonly metrics?: string;
  readonly health?: string;
}

/** `perimeter worker`: runs until it is told to stop. */
export function workerCommand(): Command {
  return addTemporalFlags(new Command('worker'))
    .description('Run workers on this machine: control (workflows, store), sampler (the model), or both.')
    .addOption(new Option('--role <role>', 'one of them alone (default: both)').choices(['control', 'sampler']))
    .option('--device <device>', 'what the sampler runs the model on: cpu, cuda:0 (an NVIDIA GPU), or webgpu', 'cpu')
    .option(
      '--processes <n>',
      'model processes of the sampler (default: one a core; one on a GPU)',
      wholeNumber({ min: 1 }),
    )
    .option(
      '--deployment <name>',
      'the deployment whose runs of this build it carries out (default: TEMPORAL_DEPLOYMENT_NAME, or unversioned)',
    )
    .addOption(
      new Option('--log-level <level>', 'least level logged')
        .choices(['DEBUG', 'INFO', 'WARN', 'ERROR'])
        .default('INFO'),
    )
    .addOption(
      new Option('--log-format <format>', 'how a line is logged (default: text on a terminal, else json)').choices([
        'json',
        'text',
      ]),
    )
    .addOption(
      new Option('--metrics <ip:port>', 'serve Prometheus metrics there, at /metrics').env('PERIMETER_METRICS_ADDRESS'),
    )
    .addOption(new Option('--health <ip:port>', 'serve /healthz and /readyz there').env('PERIMETER_HEALTH_ADDRESS'))
    .addHelpText(
      'after',
      `
Examples:
  perimeter worker                   both roles, by a server on localhost:7233
  perimeter worker --role sampler --address temporal:7233
  perimeter worker --role sampler --device cuda:0
  perimeter worker --metrics 0.0.0.0:9464 --health 0.0.0.0:8080
  perimeter worker --deployment perimeter`,
    )
    .action(async ({ role, device, processes, deployment, logLevel, logFormat, metrics, health, ...flags }: Flags) => {
      const { runWorkers } = await import('../../workers/run-workers.ts');
      const { defaultLogFormat, jsonLine } = await import('../../workers/log.ts');
      const { buildId } = await import('../../workers/build-id.ts');
      const { parseDevice } = await import('../../certification/records/device.ts');
      const format = logFormat ?? defaultLogFormat();
      const deploymentName = deployment ?? namedDeployment();
      const { connectionOptions, namespace } = await temporalConfig(flags);
      const run = runWorkers({
        roles: role === undefined ? ['control', 'sampler'] : [role],
        ...connectionOptions,
        namespace,
        logLevel,
        logFormat: format,
        device: parseDevice(device),
        ...(metrics && { metricsAddress: metrics }),
        ...(health && { healthAddress: health }),
        ...(deploymentName !== undefined && { deployment: { deploymentName, buildId: buildId() } }),
        ...(processes !== undefined && { processes }),
      });
      await run.catch((error: unknown) => {
        if (format === 'text') throw error;
        // The last line, too, is for whoever reads the others.
        const message = error instanceof Error ? error.message : String(error);
        const timestampNanos = BigInt(Date.now()) * 1_000_000n;
        process.stderr.write(`${jsonLine({ timestampNanos, level: 'ERROR', message, meta: { error } })}\n`);
        process.exitCode = exitCodeOf(error);
      });
    });
}
