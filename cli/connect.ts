import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { clientTracing } from '../workers/tracing.ts';
import { temporalConfig, type TemporalFlags } from './temporal-config.ts';

export type { TemporalFlags };

const CONNECT_TIMEOUT_MS = 10_000;

/** Adds what says where Temporal is; left out, the standard environment says it (TEMPORAL_ADDRESS, …). */
export function addTemporalFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'the Temporal server (default: TEMPORAL_ADDRESS, or localhost:7233)')
    .option('--namespace <name>', 'its namespace (default: TEMPORAL_NAMESPACE, or default)');
}

/**
 * A client of the Temporal server.
 *
 * @param options.timeoutMs how long to try.
 * @throws PerimeterError `TemporalUnavailable`.
 */
export async function connectClient(
  flags: TemporalFlags,
  { timeoutMs = CONNECT_TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<Client> {
  const { Client, Connection } = await import('@temporalio/client');
  const { dataConverter } = await import('../workers/data-converter.ts');
  const { connectionOptions, namespace } = await temporalConfig(flags);
  const converter = dataConverter();
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
    const interceptors = { workflow: await clientTracing() };
    return new Client({ connection, namespace, dataConverter: converter, interceptors });
  } catch (error) {
    const { address, tls, apiKey } = connectionOptions;
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      tls === undefined && apiKey === undefined
        ? 'start one with "perimeter dev", name another with --address, or use --local'
        : `look at its certificates, key and namespace (${reason})`;
    throw new PerimeterError('TemporalUnavailable', `Temporal can't be reached at ${address}: ${advice}.`, {
      cause: error,
    });
  }
}
