import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../cli/dev/free-port.ts';
import { applyTypes } from './apply-types.ts';
import { findKeda } from './find-keda.ts';
import type { Kubernetes } from './start-kubernetes.ts';
import { untilUp } from './until-up.ts';

const NAMESPACE = 'keda';
const SERVICE = 'keda-operator-metrics-apiserver';
const API = 'v1beta1.external.metrics.k8s.io';

/**
 * Starts KEDA's operator and its metrics adapter as processes against a Kubernetes, and waits until the autoscaler can ask
 * for their metrics (3 s).
 *
 * @param options.env what the processes find in their environment besides
 */
export async function startKeda(kubernetes: Kubernetes, { env = {} }: { env?: NodeJS.ProcessEnv } = {}): Promise<void> {
  const { folder, kubeconfig, kubectl, run } = kubernetes;
  const programs = await findKeda();
  const keys = writeKeys(folder);
  await applyTypes(kubectl, programs.crds);
  const adapterPort = await freePort();
  const service = aggregatedApi({ port: adapterPort, authority: readFileSync(join(keys, 'ca.crt')) });
  await kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(service) });

  const local = async () => `127.0.0.1:${await freePort()}`;
  const health = await local();
  const metricsService = await local();
  const environment = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    POD_NAMESPACE: NAMESPACE,
    KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE,
    WATCH_NAMESPACE: '',
    ...env,
  };
  const operator = await run(
    'keda-operator',
    programs.operator,
    [
      ...['--cert-dir', keys, '--zap-encoder=console', '--health-probe-bind-address', health],
      ...['--metrics-bind-address', await local(), '--metrics-service-bind-address', metricsService],
    ],
    environment,
  );
  await untilUp(operator, `http://${health}/readyz`);
  await run(
    'keda-adapter',
    programs.adapter,
    [
      ...['--bind-address', '127.0.0.1', '--secure-port', String(adapterPort), '--port', String(await freePort())],
      ...[
        '--cert-dir',
        keys,
        '--tls-cert-file',
        join(keys, 'tls.crt'),
        '--tls-private-key-file',
        join(keys, 'tls.key'),
      ],
      ...['--metrics-service-address', metricsService, '--lister-kubeconfig', kubeconfig],
      ...['--authentication-kubeconfig', kubeconfig, '--authorization-kubeconfig', kubeconfig],
    ],
    environment,
  );
  await kubectl(['wait', '--for=condition=Available', `apiservice/${API}`, '--timeout=60s']);
}

/** The names that both processes look for. */
function writeKeys(folder: string): string {
  const keys = join(folder, 'keda');
  mkdirSync(keys);
  for (const [from, to] of [
    ['ca.crt', 'ca.crt'],
    ['keda.crt', 'tls.crt'],
    ['keda.key', 'tls.key'],
  ] as const) {
    copyFileSync(join(folder, 'pki', from), join(keys, to));
  }
  return keys;
}

/** How the API server finds the adapter: no pod stands behind the service, but a name that it can look up. */
function aggregatedApi({ port, authority }: { port: number; authority: Buffer }) {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: SERVICE, namespace: NAMESPACE },
        spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] },
      },
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: API },
        spec: {
          service: { name: SERVICE, namespace: NAMESPACE, port },
          group: 'external.metrics.k8s.io',
          version: 'v1beta1',
          caBundle: authority.toString('base64'),
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      },
    ],
  };
}
