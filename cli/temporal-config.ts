import { existsSync } from 'node:fs';
import { PerimeterError } from '../certification/perimeter-error.ts';
import type { TemporalAddress } from '../workers/wait-for-temporal.ts';

export interface TemporalFlags {
  readonly address?: string;
  readonly namespace?: string;
}

/** What clients and workers connect by. */
export interface TemporalConfig {
  readonly connectionOptions: TemporalAddress;
  readonly namespace: string;
}

/**
 * Where Temporal is, and as whom to come: by flags, then by the standard environment (TEMPORAL_ADDRESS, TEMPORAL_TLS_…,
 * TEMPORAL_API_KEY, …), then by the profile of its configuration file.
 *
 * @throws PerimeterError `InvalidConfiguration` where these can't be read, or ask for what can't be had.
 */
export async function temporalConfig({ address, namespace }: TemporalFlags): Promise<TemporalConfig> {
  const { loadClientConfigProfile, toClientOptions } = await import('@temporalio/envconfig');
  // An empty variable is how many a deployment leaves one out; only for metadata does it say something.
  const env: Record<string, string> = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || (value === '' && !name.startsWith('TEMPORAL_GRPC_META_')) ? [] : [[name, value]],
    ),
  );
  checkEnvironment(env);
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: env });
    const { clientCert, clientKey } = profile.tls ?? {};
    if ((clientCert === undefined) !== (clientKey === undefined)) {
      throw new Error('a client certificate and its key go together, but only one is given');
    }
    const { connectionOptions, namespace: configured } = toClientOptions(profile);
    const { tls, apiKey, metadata } = connectionOptions;
    return {
      connectionOptions: {
        address: address ?? profile.address ?? 'localhost:7233',
        ...(tls !== undefined && tls !== null && { tls }),
        ...(typeof apiKey === 'string' && { apiKey }),
        ...(metadata !== undefined && { metadata: metadata }),
      },
      namespace: namespace ?? configured ?? 'default',
    };
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new PerimeterError('InvalidConfiguration', `Temporal's configuration can't be used: ${reason}.`, { cause });
  }
}

/** What the SDK would pass over in silence. */
function checkEnvironment(env: Readonly<Partial<Record<string, string>>>) {
  const { TEMPORAL_CONFIG_FILE: file, TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: unverified } = env;
  if (file !== undefined && !existsSync(file)) {
    throw new PerimeterError('InvalidConfiguration', `TEMPORAL_CONFIG_FILE is ${file}, but there is no such file.`);
  }
  if (unverified !== undefined && unverified !== 'false' && unverified !== '0') {
    throw new PerimeterError(
      'InvalidConfiguration',
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is set, but hosts are always verified: name the CA in TEMPORAL_TLS_SERVER_CA_CERT_PATH.',
    );
  }
}
