import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTemporalGateway, tlsFiles, type TemporalGateway } from '../support/temporal-gateway.ts';

const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));
const REQUEST = `
stub: { examples: 8, classes: 10, pA: { a: 8, b: 1 } }
sigma: 0.5
n0: 10
n: 200
`;
/** A busy machine takes long to start workers. */
const PATIENCE_MS = 300_000;

let server: TemporalServer;
let gateway: TemporalGateway;
let folder: string;
let request: string;
let worker: GuardedProcess | undefined;

beforeAll(async () => {
  server = await startTemporalServer();
  gateway = await startTemporalGateway(server.address);
  folder = temporaryFolder(afterAll);
  request = join(folder, 'request.yaml');
  writeFileSync(request, REQUEST);
});

afterAll(async () => {
  await worker?.kill();
  await gateway.stop();
  await server.stop();
});

/** The environment of a client of the gateway. */
function secured(): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: gateway.address,
    TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: tlsFiles.ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: tlsFiles.clientCert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: tlsFiles.clientKey,
  };
}

async function startWorker(env: NodeJS.ProcessEnv): Promise<GuardedProcess> {
  return spawnGuarded(process.execPath, [cli, 'worker', '--processes', '1'], { env: { ...process.env, ...env } });
}

/** Who called with which header: the CLI's client and the workers' have each their own user agent. */
function seenBy(agent: string, header: string): Set<unknown> {
  return new Set(
    gateway.seen.filter((headers) => headers['user-agent']?.includes(agent)).map((headers) => headers[header]),
  );
}

describe('a server behind TLS that asks for certificates, keys and metadata', { timeout: PATIENCE_MS }, () => {
  it('is reached by CLI and workers with what the environment says', async () => {
    const env = { ...secured(), TEMPORAL_API_KEY: 'a-key', TEMPORAL_GRPC_META_X_TENANT: 'audits' };
    worker = await startWorker(env);
    const certified = await runCli(['certify', request, '--out', folder, '--json'], { env });
    expect(certified).toMatchObject({ code: 0 });
    for (const agent of ['grpc-node-js', 'tonic']) {
      expect(seenBy(agent, 'authorization')).toEqual(new Set(['Bearer a-key']));
      expect(seenBy(agent, 'x-tenant')).toEqual(new Set(['audits']));
    }
    await worker.kill();
  });

  it('is reached by what a profile of the configuration file says', async () => {
    const file = join(folder, 'temporal.toml');
    writeFileSync(
      file,
      `[profile.audits]
address = "${gateway.address}"
[profile.audits.tls]
server_name = "temporal.test"
server_ca_cert_path = "${tlsFiles.ca}"
client_cert_path = "${tlsFiles.clientCert}"
client_key_path = "${tlsFiles.clientKey}"
[profile.audits.grpc_meta]
x-tenant = "by-file"
`,
    );
    // As deployments leave out what they don't need.
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'audits', TEMPORAL_API_KEY: '', TEMPORAL_TLS: '' };
    const before = gateway.seen.length;
    worker = await startWorker(env);
    expect(await runCli(['certify', request, '--out', folder], { env })).toMatchObject({ code: 0 });
    expect(new Set(gateway.seen.slice(before).map((headers) => headers['x-tenant']))).toEqual(new Set(['by-file']));
    await worker.kill();
  });

  it('is not reached without a certificate, and CLI and worker say so', async () => {
    const env = { ...secured(), TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '' };
    const sentence = new RegExp(`^perimeter: Temporal can't be reached at ${gateway.address}: .*\\n$`);
    for (const command of [['status'], ['worker', '--log-format', 'text']]) {
      const { code, stderr } = await runCli(command, { env });
      expect(stderr).toMatch(sentence);
      expect(code).toBe(1);
    }
  });

  it.each([
    ['one half of a pair', { TEMPORAL_TLS_CLIENT_KEY_PATH: '' }, /certificate and its key go together/],
    ['a missing certificate', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' }, /\/nowhere\/ca\.pem/],
    ['a missing file', { TEMPORAL_CONFIG_FILE: '/nowhere/t.toml' }, /TEMPORAL_CONFIG_FILE is \/nowhere\/t\.toml/],
    ['a missing profile', { TEMPORAL_PROFILE: 'none' }, /'none' not found/],
    ['trust in any host', { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }, /hosts are always verified/],
  ])('is not looked for with %s', async (_, env, found) => {
    for (const command of ['status', 'worker']) {
      const { code, stderr } = await runCli([command], { env: { ...secured(), ...env } });
      expect(stderr).toMatch(/^perimeter: [^\n]*\n$/);
      expect(stderr).toMatch(found);
      expect(code).toBe(2);
    }
  });
});
