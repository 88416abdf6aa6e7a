import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { connectClient } from '../../cli/connect.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun } from '../../cli/runs.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startWorkerCli } from '../support/worker-cli.ts';
import { startSamplerPods, type SamplerPods } from './support/sampler-pods.ts';
import { byBacklogAlone, forTest, type ScaledObject } from './support/scaled-object.ts';
import { startPrometheus } from './support/start-prometheus.ts';
import { KWOK_NODE } from './support/start-kwok.ts';
import type { Kubernetes } from './support/start-kubernetes.ts';
import { untilUp } from './support/until-up.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

/** Fewer than the backlog asks samplers for: the other pods wait. */
const GPU_NODES = 3;
const overlay = fileURLToPath(new URL('../../k8s/overlays/gpu', import.meta.url));

/** 24 shards of one to two seconds. */
const manyShards = { ...fashionMnist, limit: 96, n0: 20, n: 4_000, shardSize: 4, seed: 'scaled by KEDA' };
/** One shard of 20 s: three cool-downs, one and a half stabilization windows. */
const longShard = stubRequest({ stub: { examples: 16, secondsPerSample: 0.00125 }, n: 1_000, shardSize: 16 });

const HANDED_OVER = /handed over to another sampler/;

interface Bed {
  readonly kubernetes: Kubernetes;
  readonly client: Client;
  readonly pods: SamplerPods;
  readonly scaledObject: ScaledObject;
  replicas(): Promise<number>;
}

let bed: Bed;
let out: string;

beforeAll(async () => {
  out = temporaryFolder(afterAll);
  const kubernetes = await useKubernetes({ kwok: true, keda: true });
  const { kubectl, kubeconfig, programs, run } = kubernetes;
  const prometheus = await startPrometheus(kubernetes);
  const server = await startTemporalServer();
  const client = await connectClient({ address: server.address });
  const control = await startWorkerCli({ address: server.address, role: 'control' }, afterAll);
  const proxyPort = await freePort();
  const api = `http://127.0.0.1:${proxyPort}`;
  const proxy = await run('kubectl-proxy', programs.hyperkube, ['kubectl', 'proxy', '--port', String(proxyPort)], {
    ...process.env,
    KUBECONFIG: kubeconfig,
  });
  await untilUp(proxy, `${api}/readyz`);
  await apply(
    kubernetes,
    Array.from({ length: GPU_NODES }, (_, at) => gpuNode(`gpu-${at}`)),
  );

  const objects = await installation(kubernetes, server.address);
  const scaledObject = forTest(objects.find(isScaledObject) ?? fail(), prometheus.url);
  const pods = startSamplerPods({ api, address: server.address, prometheus });
  afterAll(async () => {
    await pods.stop();
    await control.kill();
    await client.connection.close();
    await server.stop();
  });
  await apply(
    kubernetes,
    objects.filter((object) => !isScaledObject(object)),
  );
  await apply(kubernetes, [scaledObject]);
  const replicas = async () => {
    const scale = await fetch(`${api}/apis/apps/v1/namespaces/perimeter/deployments/sampler/scale`);
    return ((await scale.json()) as { spec: { replicas?: number } }).spec.replicas ?? 0;
  };
  bed = { kubernetes, client, pods, scaledObject, replicas };
  await kubectl(['wait', '--for=condition=Ready', 'scaledobject/sampler', '-n', 'perimeter', '--timeout=30s']);
});

interface Applied {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

function isScaledObject(object: Applied): object is ScaledObject {
  return object.kind === 'ScaledObject';
}

function fail(): never {
  throw new Error('the overlay has no ScaledObject');
}

/** What the overlay `gpu` installs, at this server's address. */
async function installation({ kubectl }: Kubernetes, address: string): Promise<Applied[]> {
  const documents = parseAllDocuments(await kubectl(['kustomize', overlay]));
  return documents.map((document) => {
    const object = document.toJS() as Applied;
    return object.kind === 'ConfigMap' ? { ...object, data: { ...object.data, TEMPORAL_ADDRESS: address } } : object;
  });
}

async function apply({ kubectl }: Kubernetes, items: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
}

function gpuNode(name: string) {
  const resources = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110', 'nvidia.com/gpu': '1' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: KWOK_NODE,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', accelerator: 'nvidia' },
    },
    spec: { taints: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }] },
    status: { allocatable: resources, capacity: resources },
  };
}

async function certify(request: RequestInput, run: string) {
  return startRun(bed.client, { request: parseRequest({ ...request, out }, 'the request'), run });
}

const none = () => until(bed.replicas, (count) => count === 0);

describe('samplers that KEDA scales', () => {
  it('come with the backlog, go when it is done, and none is told to end while it has a shard', async () => {
    await none();
    const before = bed.pods.counts.length;
    const handle = await certify(manyShards, 'many-shards');
    await until(bed.replicas, (count) => count > 1);
    await handle.result();
    await none();
    await until(
      () => bed.pods.counts.at(-1),
      (count) => count === 0,
    );
    expect(Math.max(...bed.pods.counts.slice(before))).toBe(GPU_NODES);
    const messages = bed.pods.logged().map(({ message }) => String(message));
    expect(messages.filter((message) => message.startsWith('Shard estimation finished')).length).toBe(24);
    expect(messages.filter((message) => HANDED_OVER.test(message))).toEqual([]);
    await expectWholeRun({ ...manyShards, out }, 'many-shards');
  });

  it('stay for a shard that outlasts the cool-down, with nothing that waits', async () => {
    const handle = await certify(longShard, 'long-shard');
    await handle.result();
    const messages = bed.pods.logged().map(({ message }) => String(message));
    expect(messages.filter((message) => HANDED_OVER.test(message))).toEqual([]);
    await none();
  });

  it('would be told to end while they have a shard, by the backlog alone and without a cool-down', async () => {
    const { kubernetes, scaledObject, pods } = bed;
    await apply(kubernetes, [byBacklogAlone(scaledObject)]);
    const handle = await certify(longShard, 'long-shard-killed');
    await until(
      () => pods.logged().some(({ message, run }) => run === 'long-shard-killed' && HANDED_OVER.test(String(message))),
      (handedOver) => handedOver,
    );
    await apply(kubernetes, [scaledObject]);
    await handle.result();
    await expectWholeRun({ ...longShard, out }, 'long-shard-killed');
  });
});

export const logOf = (name: string) => join(bed.kubernetes.folder, 'log', `${name}.log`);
