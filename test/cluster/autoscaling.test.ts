import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { connectClient } from '../../cli/connect.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun } from '../../cli/runs.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startWorkerCli } from '../support/worker-cli.ts';
import { addFakeNodes } from './support/fake-nodes.ts';
import { asList, render } from './support/kustomize.ts';
import type { KubernetesObject, ScaledObject } from './support/objects.ts';
import { ofKind } from './support/of-kind.ts';
import { openApi } from './support/open-api.ts';
import { startSamplerPods, type SamplerPods } from './support/sampler-pods.ts';
import { byBacklogAlone, forTest } from './support/scaled-object.ts';
import { startPrometheus, type Prometheus } from './support/start-prometheus.ts';
import type { Kubernetes } from './support/start-kubernetes.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

/** Fewer than the backlog asks samplers for: the other pods wait. */
const GPU_NODES = 3;
/** On two cores with all other tests. */
const PATIENCE_MS = 300_000;

const seed = 'scaled by KEDA';
const SHARDS = 20;
/** Of somewhat less than a second each, on a core of its own. */
const manyShards = { ...fashionMnist, limit: 4 * SHARDS, shardSize: 4, n0: 20, n: 3_000, seed };
/** One shard of 12 s, two cool-downs. */
const longShard = stubRequest({ stub: { examples: 16, secondsPerSample: 0.000_75 }, n: 1_000, shardSize: 16, seed });
const shortShards = stubRequest({ stub: { examples: 8, secondsPerSample: 0.001 }, n: 200, shardSize: 2, seed });

let kubernetes: Kubernetes;
let client: Client;
let prometheus: Prometheus;
let scaledObject: ScaledObject;
let pods: SamplerPods;
let replicas: () => Promise<number>;
let out: string;

beforeAll(async () => {
  // Each process that is started listens for this one's end.
  process.setMaxListeners(50);
  out = temporaryFolder(afterAll);
  kubernetes = await useKubernetes({ kwok: true, keda: true });
  prometheus = await startPrometheus(kubernetes);
  const server = await startTemporalServer();
  const { address } = server;
  client = await connectClient({ address });
  const control = await startWorkerCli({ address, role: 'control' }, afterAll);
  afterAll(async () => {
    await control.kill();
    await client.connection.close();
    await server.stop();
  });

  const isScaledObject = ({ kind }: KubernetesObject) => kind === 'ScaledObject';
  const objects = await render(kubernetes.kubectl, 'gpu');
  const [scaled] = ofKind(objects, 'ScaledObject');
  scaledObject = forTest(scaled, prometheus.url);
  const devices = { 'nvidia.com/gpu': '1' };
  const nodes = Array.from({ length: GPU_NODES }, (_, number) => ({ name: `gpu-${number}`, devices }));
  await addFakeNodes(kubernetes.kubectl, nodes);
  await apply(objects.filter((object) => !isScaledObject(object)).map((object) => at(address, object)));
  await apply([scaledObject]);

  const api = await openApi(kubernetes);
  replicas = async () => {
    const scale = await fetch(`${api}/apis/apps/v1/namespaces/perimeter/deployments/sampler/scale`);
    return ((await scale.json()) as { spec: { replicas?: number } }).spec.replicas ?? 0;
  };
  await until(replicas, isNone);
  pods = startSamplerPods({ api, address, prometheus });
  afterAll(() => pods.stop());
}, PATIENCE_MS);

const isNone = (count: number | undefined) => count === 0;
const handedOver = (run: string) => pods.messages(run).filter((message) => message.includes('handed over'));

async function apply(objects: readonly KubernetesObject[]): Promise<void> {
  const input = asList(objects);
  await kubernetes.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
}

/** Samplers find Temporal by their environment, and KEDA by the samplers'. */
function at(address: string, object: KubernetesObject): KubernetesObject {
  return object.kind === 'ConfigMap' ? { ...object, data: { ...object.data, TEMPORAL_ADDRESS: address } } : object;
}

function certify(input: RequestInput, run: string) {
  return startRun(client, { request: parseRequest({ ...input, out }, 'the request'), run });
}

describe('samplers that KEDA scales', () => {
  it(
    'come with the backlog and go when it is done, and none is told to end while it has a shard',
    async () => {
      const run = 'many-shards';
      const handle = await certify(manyShards, run);
      await handle.result();
      await until(replicas, isNone);
      await until(() => pods.counts.at(-1), isNone);
      expect(Math.max(...pods.counts)).toBe(GPU_NODES);
      const finished = pods.messages(run).filter((message) => message === 'Shard estimation finished');
      expect(finished.length).toBe(SHARDS);
      expect(handedOver(run)).toEqual([]);
      await expectWholeRun({ ...manyShards, out }, run);
    },
    PATIENCE_MS,
  );

  it(
    'stay for a shard that outlasts the cool-down while nothing waits',
    async () => {
      const handle = await certify(longShard, 'long-shard');
      await handle.result();
      expect(handedOver('long-shard')).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'would be told to end while they have a shard, by the backlog alone and without a cool-down',
    async () => {
      const run = 'long-shard-handed-over';
      await apply([byBacklogAlone(scaledObject)]);
      const handle = await certify(longShard, run);
      await until(
        () => handedOver(run),
        (messages) => messages.length > 0,
      );
      await apply([scaledObject]);
      await handle.result();
      await expectWholeRun({ ...longShard, out }, run);
    },
    PATIENCE_MS,
  );

  it(
    'come and go by the backlog alone when Prometheus is away',
    async () => {
      await until(replicas, isNone);
      await prometheus.stop();
      const handle = await certify(shortShards, 'without-prometheus');
      await handle.result();
      await until(replicas, isNone);
      await expectWholeRun({ ...shortShards, out }, 'without-prometheus');
    },
    PATIENCE_MS,
  );
});
