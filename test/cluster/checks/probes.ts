import { TEMPORAL_TIMEOUT_MS } from '../../../workers/worker-health.ts';
import type { Deployment, KubernetesObject, Probe } from '../support/objects.ts';
import { workerContainer, workers } from '../support/of-kind.ts';
import { environmentOf } from '../support/environment-of.ts';

/** What Kubernetes takes for granted. */
const DEFAULTS = { periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
/** A busy machine may leave a process alone for so long; restarting it then would only make more work. */
const LEAST_PATIENCE_S = 60;

/** Which question each probe asks, where, and how patiently. `/healthz` never asks Temporal; `/readyz` does. */
export function probes(objects: readonly KubernetesObject[]): string[] {
  return workers(objects).flatMap((deployment) => faultsOf(deployment, objects));
}

function faultsOf(deployment: Deployment, objects: readonly KubernetesObject[]): string[] {
  const { name } = deployment.metadata;
  const container = workerContainer(deployment);
  const environment = environmentOf(deployment, objects);
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`Deployment ${name}: ${fault}`);
  };
  const port = (wanted: string) => container.ports?.find((one) => one.name === wanted)?.containerPort;
  // From outside of the pod.
  const served = (variable: string) => Number(/^0\.0\.0\.0:(\d+)$/.exec(environment[variable] ?? '')?.[1]);
  const health = served('PERIMETER_HEALTH_ADDRESS');
  const metrics = served('PERIMETER_METRICS_ADDRESS');
  const asks = (probe: Probe | undefined, path: string) => {
    const { httpGet } = probe ?? {};
    const asked = typeof httpGet?.port === 'string' ? port(httpGet.port) : httpGet?.port;
    return httpGet?.path === path && asked === health;
  };
  const { startupProbe, readinessProbe, livenessProbe } = container;
  expect(asks(startupProbe, '/healthz'), `the startup probe doesn't ask /healthz where it is served (${health})`);
  expect(asks(livenessProbe, '/healthz'), `the liveness probe doesn't ask /healthz where it is served (${health})`);
  expect(asks(readinessProbe, '/readyz'), `the readiness probe doesn't ask /readyz where it is served (${health})`);
  const liveness = { ...DEFAULTS, ...livenessProbe };
  const patience = liveness.periodSeconds * liveness.failureThreshold;
  expect(patience >= LEAST_PATIENCE_S, `the liveness probe gives up after ${patience} s`);
  const { timeoutSeconds } = { ...DEFAULTS, ...readinessProbe };
  expect(timeoutSeconds * 1_000 > TEMPORAL_TIMEOUT_MS, 'the readiness probe gives up before Temporal does');
  const scraped = Number(deployment.spec.template.metadata.annotations?.['prometheus.io/port']);
  expect(
    port('metrics') === metrics && scraped === metrics,
    `metrics are served at ${metrics}, and asked for elsewhere`,
  );
  return faults;
}
