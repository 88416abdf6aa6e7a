import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestInput } from '../../certification/records/request.ts';
import { drawnSamples } from '../image/support/drawn-samples.ts';
import { expectRestricted } from '../image/support/expect-restricted.ts';
import { readPodSpec } from '../image/support/pod-spec.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startNode, type RealNode } from './node/start-node.ts';

/** Where the images have to be built first. */
const START_MS = 1_800_000;
const RUN_MS = 300_000;
/** What a sampler is to take to hand its shard over; it has 90 s. */
const DRAIN_MS = 20_000;
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses: readonly { readonly containerID: string; readonly restartCount: number }[];
  };
}

describe('the overlay local-cpu, on a node with containerd and runc', () => {
  let node: RealNode | undefined;
  let kubectl: RealNode['kubectl'];
  let store: string;

  const inNamespace = (...args: readonly string[]) => kubectl(['-n', 'perimeter', ...args]);
  const inControl = (...args: readonly string[]) => inNamespace('exec', 'deploy/control', '--', ...args);
  const perimeter = (...args: readonly string[]) => inControl('perimeter', ...args);
  async function podOf(name: string): Promise<Pod> {
    const labelled = ['-n', 'perimeter', '-l', `app.kubernetes.io/name=${name}`];
    const { items } = await kubectl.get<{ items: Pod[] }>('pods', ...labelled);
    const [pod] = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return pod;
  }

  /** The processes of a pod's container, as this machine numbers them. */
  function processesOf({ status }: Pod): number[] {
    const [{ containerID }] = status.containerStatuses;
    const id = containerID.replace('containerd://', '');
    return (node?.processes() ?? []).filter((pid) => readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id));
  }

  /** The flags of a request over the example, which lies in the volume. */
  function flagsOf({
    n,
    seed,
    run,
    ...sizes
  }: {
    n: number;
    seed: string;
    run: string;
    limit: number;
    shardSize: number;
  }) {
    const folder = '/data/fashion-mnist';
    const inputs = ['--model', `${folder}/cnn-sigma-0.25.onnx`, '--dataset', `${folder}/images.idx.gz`];
    const sampling = ['--labels', `${folder}/labels.idx.gz`, '--sigma', '0.25', '--n0', '10', '--n', String(n)];
    const shards = ['--limit', String(sizes.limit), '--shard-size', String(sizes.shardSize)];
    return [...inputs, ...sampling, ...shards, '--seed', seed, '--run', run, '--out', '/data/results'];
  }

  async function expectBytesOfOneProcess(run: string, request: Partial<RequestInput>): Promise<void> {
    const out = temporaryFolder();
    const local = await runLocally({ ...fashionMnist, sigma: 0.25, n0: 10, ...request, out });
    expect(resultBytes(join(store, 'results/runs', run))).toEqual(resultBytes(local.folder));
  }

  beforeAll(async () => {
    node = await startNode();
    ({ kubectl, store } = node);
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'store' },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: store },
        claimRef: { namespace: 'perimeter', name: 'store' },
      },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(volume) });
    await kubectl(['apply', '--server-side', '-k', path('k8s/overlays/local-cpu')]);
    for (const name of ['temporal', 'control', 'sampler']) {
      await inNamespace('rollout', 'status', `deploy/${name}`, '--timeout=240s');
    }
    const { metadata } = await podOf('control');
    await inNamespace('cp', path('examples/fashion-mnist'), `${metadata.name}:/data/fashion-mnist`);
  }, START_MS);

  afterAll(async () => {
    await node?.stop();
  }, RUN_MS);

  it.each(['control', 'sampler'] as const)('holds the %s worker to what its manifest says', async (role) => {
    expectRestricted(processesOf(await podOf(role)), readPodSpec(role));
    const written = kubectl.attempt(['-n', 'perimeter', 'exec', `deploy/${role}`, '--', 'touch', '/app/a']);
    expect((await written).stderr).toContain('Read-only file system');
  });

  it('certifies a run, with the bytes of one process', { timeout: RUN_MS }, async () => {
    const request = { n: 500, limit: 24, shardSize: 6, seed: 'kubelet' };
    const printed = await perimeter('certify', ...flagsOf({ ...request, run: 'first' }));
    expect(printed).toContain('Certified accuracy of 24 examples');
    await expectBytesOfOneProcess('first', request);
  });

  it('hands the shard of a pod that is deleted to its successor, within the grace', { timeout: RUN_MS }, async () => {
    const request = { n: 20_000, limit: 8, shardSize: 8, seed: 'evicted' };
    const { metadata } = await podOf('sampler');
    const metrics = `/api/v1/namespaces/perimeter/pods/${metadata.name}:9464/proxy/metrics`;
    const drawn = async () => drawnSamples(await kubectl(['get', '--raw', metrics]));
    const before = await drawn();
    await perimeter('certify', '--detach', ...flagsOf({ ...request, run: 'second' }));
    await until(drawn, (samples) => samples > before + 10_000);
    const log = inNamespace('logs', '--follow', metadata.name);
    const exitCode = '{.status.containerStatuses[0].state.terminated.exitCode}';
    const ended = inNamespace('wait', `pod/${metadata.name}`, `--for=jsonpath=${exitCode}=0`, '--timeout=90s');
    const told = performance.now();
    await inNamespace('delete', 'pod', metadata.name, '--wait=false');
    await ended;
    expect(performance.now() - told).toBeLessThan(DRAIN_MS);
    expect(DRAIN_MS).toBeLessThan(readPodSpec('sampler').terminationGracePeriodSeconds * 1_000);
    expect(await log).toContain('handed over to another sampler');

    await until(
      () => existsSync(join(store, 'results/runs/second/manifest.json')),
      (there) => there,
    );
    expect((await podOf('sampler')).metadata.name).not.toBe(metadata.name);
    await expectBytesOfOneProcess('second', request);
  });

  it('takes pods out of service while Temporal is away, and restarts none', { timeout: RUN_MS }, async () => {
    // Those that came up before Temporal did were restarted then.
    const restarts = async (role: string) => (await podOf(role)).status.containerStatuses.map((c) => c.restartCount);
    const roles = ['control', 'sampler'];
    const before = await Promise.all(roles.map(restarts));
    await inNamespace('scale', 'deploy/temporal', '--replicas=0');
    for (const role of roles) {
      await until(
        () => podOf(role),
        (pod) => pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'False'),
      );
    }
    expect(await Promise.all(roles.map(restarts))).toEqual(before);
  });
});
