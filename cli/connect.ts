import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { clientTracing } from '../workers/tracing.ts';

export interface TemporalFlags {
  readonly address?: string;
  readonly namespace?: string;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Adds what says where Temporal is; left out, the standard environment says it (TEMPORAL_ADDRESS, …). */
export function addTemporalFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'the Temporal server (default: TEMPORAL_ADDRESS, or localhost:7233)')
    .option('--namespace <name>', 'its namespace (default: TEMPORAL_NAMESPACE, or default)');
}

/** Where Temporal is, by flags, then by the standard environment and its configuration file. */
export async function temporalConfig({ address, namespace }: TemporalFlags) {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const { connectionOptions, namespace: configured } = loadClientConnectConfig();
  return {
    connectionOptions: { ...connectionOptions, address: address ?? connectionOptions.address ?? 'localhost:7233' },
    namespace: namespace ?? configured ?? 'default',
  };
}

/** A client of the Temporal server. @throws PerimeterError `TemporalUnavailable`. */
export async function connectClient(flags: TemporalFlags): Promise<Client> {
  const { Client, Connection } = await import('@temporalio/client');
  const { connectionOptions, namespace } = await temporalConfig(flags);
  try {
    const { address, tls, apiKey, metadata } = connectionOptions;
    const connection = await Connection.connect({
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata !== undefined && { metadata }),
    });
    return new Client({ connection, namespace, interceptors: { workflow: await clientTracing() } });
  } catch (error) {
    throw new PerimeterError(
      'TemporalUnavailable',
      `Temporal can't be reached at ${connectionOptions.address}: start one with "perimeter dev", name another with --address, or use --local.`,
      { cause: error },
    );
  }
}
