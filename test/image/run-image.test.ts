import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RequestInput } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { createBucket } from '../support/create-bucket.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { drawnSamples } from './support/drawn-samples.ts';
import { expectRestricted } from './support/expect-restricted.ts';
import { findImages, type BuiltImage, type Target } from './support/find-images.ts';
import { readPodSpec } from './support/pod-spec.ts';
import { processTree } from './support/process-status.ts';
import { runContainer, type Container } from './support/run-container.ts';

/** The first build takes minutes. */
const BUILD_MS = 900_000;
const RUN_MS = 300_000;
/** What a sampler is to take to hand its shard over; it has 90 s. */
const DRAIN_MS = 10_000;
const s3 = inject('s3');

interface Worker extends Container {
  readonly role: Role;
  readonly health: string;
  readonly metrics: string;
}
type Role = 'control' | 'sampler';

const imageOf = { control: 'control', sampler: 'sampler-cpu' } as const;
const pods = { control: readPodSpec('control'), sampler: readPodSpec('sampler') };

describe('the images, run as the manifests say', () => {
  const folder = temporaryFolder(afterAll);
  const containers: Container[] = [];
  let images: Record<Target, BuiltImage>;
  let temporal: TemporalServer | undefined;
  let address: string;
  let inputs: Pick<RequestInput, 'model' | 'dataset' | 'labels'>;
  let out: string;
  let control: Worker;
  let sampler: Worker;

  async function start(role: Role): Promise<Worker> {
    const health = `127.0.0.1:${await freePort()}`;
    const metrics = `127.0.0.1:${await freePort()}`;
    const container = await runContainer({
      folder,
      image: images[imageOf[role]],
      pod: pods[role],
      env: {
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: 'default',
        PERIMETER_HEALTH_ADDRESS: health,
        PERIMETER_METRICS_ADDRESS: metrics,
        ...s3Environment(s3, role === 'control' ? s3.root : s3.sampler),
      },
    });
    containers.push(container);
    const worker = { ...container, role, health, metrics };
    await until(
      async () => {
        if (container.hasEnded()) throw new Error(container.output());
        return (await fetch(`http://${health}/readyz`).catch(() => undefined))?.status;
      },
      (status) => status === 200,
    );
    return worker;
  }

  /** The command line in the control worker's container. */
  async function perimeter(...args: string[]): Promise<string> {
    const { code, output } = await control.exec('node', '/app/bin/perimeter.js', ...args);
    if (code !== 0) throw new Error(`perimeter ${args.join(' ')}: ${output}`);
    return output;
  }

  const flagsOf = (request: object) =>
    Object.entries(request).flatMap(([name, value]) => [
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ]);

  beforeAll(async () => {
    Object.assign(process.env, s3Environment(s3));
    images = await findImages();
    temporal = await startTemporalServer();
    address = temporal.address;
    const bucket = await createBucket({ server: s3 });
    const store = openStore(`s3://${bucket}/inputs`);
    const put = async (key: string, path: string) => {
      await store.putIfAbsent(key, readFileSync(path));
      return `s3://${bucket}/inputs/${key}`;
    };
    inputs = {
      model: await put('model.onnx', fashionMnist.model),
      dataset: await put('images.idx.gz', fashionMnist.dataset),
      labels: await put('labels.idx.gz', fashionMnist.labels),
    };
    out = `s3://${bucket}/audits`;
    control = await start('control');
    sampler = await start('sampler');
  }, BUILD_MS);

  afterAll(async () => {
    await Promise.all(containers.map((container) => container.remove()));
    await temporal?.stop();
  });

  it.each(['control', 'sampler'] as const)('run the %s worker as nobody, with no capability', (role) => {
    expectRestricted(processTree({ control, sampler }[role].pid), pods[role]);
  });

  it.each(['control', 'sampler'] as const)(
    'need nothing of the %s worker’s files to be writable but /tmp',
    async (role) => {
      const container = { control, sampler }[role];
      const find = 'find / -not -path "/proc/*" -not -path "/dev/*" -not -type l -writable -print -path /tmp -prune';
      const { output } = await container.exec('sh', '-c', find);
      const writable = output.split('\n').filter((line) => line !== '' && !line.includes('Permission denied'));
      expect(writable.filter((path) => path !== '/tmp' && !path.startsWith('/tmp/'))).toEqual([]);
      expect((await container.exec('sh', '-c', 'touch /tmp/a && rm /tmp/a')).code).toBe(0);
      const refused = await container.exec('sh', '-c', 'touch /app/a');
      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain('Read-only file system');
    },
  );

  it('run bundled workflows, and start no bundler', () => {
    expect(control.output()).toContain('Workers are up');
    expect(control.output()).not.toMatch(/bundle|webpack/i);
  });

  it('certify a run, with the bytes of one process', { timeout: RUN_MS }, async () => {
    const request = { ...inputs, sigma: 0.25, n0: 10, n: 500, limit: 24, shardSize: 6, seed: 'image', out };
    const printed = await perimeter('certify', ...flagsOf({ ...request, run: 'first' }));
    expect(printed).toContain('Certified accuracy of 24 examples');
    await expectWholeRun(request, 'first');
  });

  it('hand a shard over at SIGTERM, to another sampler that finishes it', { timeout: RUN_MS }, async () => {
    const request = { ...inputs, sigma: 0.25, n0: 10, n: 20_000, limit: 8, shardSize: 8, seed: 'drain', out };
    const drawn = async () => drawnSamples(await (await fetch(`http://${sampler.metrics}/metrics`)).text());
    const before = await drawn();
    await perimeter('certify', '--detach', ...flagsOf({ ...request, run: 'second' }));
    await until(drawn, (samples) => samples > before + 10_000);
    const told = performance.now();
    sampler.terminate();
    expect(await sampler.exitCode).toBe(0);
    expect(performance.now() - told).toBeLessThan(DRAIN_MS);
    expect(DRAIN_MS).toBeLessThan(pods.sampler.terminationGracePeriodSeconds * 1_000);
    expect(sampler.output()).toContain('handed over to another sampler');

    sampler = await start('sampler');
    const store = openStore(out);
    await until(
      () => store.list(runKeys.manifest('second')),
      (found) => found.length > 0,
    );
    await expectWholeRun(request, 'second');
  });

  it('end the control worker at SIGTERM, within its time', async () => {
    const told = performance.now();
    control.terminate();
    expect(await control.exitCode).toBe(0);
    expect(performance.now() - told).toBeLessThan(pods.control.terminationGracePeriodSeconds * 1_000);
  });
});
