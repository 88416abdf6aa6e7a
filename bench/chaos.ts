import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { certifyDataset } from '../certification/certify-dataset.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import { parseRequest } from '../certification/records/parse-request.ts';
import type { RequestInput } from '../certification/records/request.ts';
import { connectClient } from '../cli/connect.ts';
import { spawnGuarded } from '../cli/dev/spawn-guarded.ts';
import { startTemporalServer, type TemporalServer } from '../cli/dev/temporal-server.ts';
import { runResult } from '../cli/run-result.ts';
import { startRun } from '../cli/runs.ts';
import { countedSamples } from './counted-sampler.ts';
import { countRetries } from './count-retries.ts';
import { killKinds, killPlan, type Kill, type KillKind } from './kill-plan.ts';
import { modelProcessesOf } from './model-processes-of.ts';
import { supervise, type Supervised } from './supervise.ts';

const SAMPLERS = 2;
const RESTART_MS = 1_000;
/** The example's images, and as many samples of each as fill the time. */
const EXAMPLES = 500;
const N0 = 100;
/** The least for which the pipeline's overhead is stated. */
const SHARD_SECONDS = 30;
/** Of the run that measures how fast the samplers are. */
const MEASURED_N = 400;

const example = (name: string) => fileURLToPath(new URL(`../examples/fashion-mnist/${name}`, import.meta.url));
const model: RequestInput = {
  model: example('cnn-sigma-0.25.onnx'),
  dataset: example('images.idx.gz'),
  labels: example('labels.idx.gz'),
  sigma: 0.25,
  limit: EXAMPLES,
  n0: N0,
};

interface Fleet {
  readonly server: { kill(): Promise<void>; start(): Promise<void> };
  readonly control: Supervised;
  readonly samplers: readonly Supervised[];
}

/**
 * Certifies the Fashion-MNIST example on a Temporal server, a control worker and two samplers with one model process
 * each, all with the product's own timeouts, while they are killed at random; prints each kill, what it cost, and
 * whether the results are those of one process.
 *
 * @returns whether they are.
 */
export async function chaos(options: { minutes: number; seed: number; killsAMinute: number }): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'perimeter-chaos-'));
  const dbFilename = join(folder, 'temporal.db');
  let server: TemporalServer = await startTemporalServer({ dbFilename });
  const { address } = server;
  const client = await connectClient({ address });
  const counts = join(folder, 'samples');
  const supervised: Supervised[] = [];
  try {
    const worker = async (name: string, role: string) => {
      const main = fileURLToPath(new URL('./chaos-worker-main.ts', import.meta.url));
      const args = ['--import', 'tsx', main, role, address, counts];
      const started = await supervise(name, () => spawnGuarded(process.execPath, args));
      supervised.push(started);
      return started;
    };
    const fleet: Fleet = {
      server: {
        kill: () => server.kill(),
        start: async () => {
          server = await startTemporalServer({ dbFilename, port: Number(new URL(`http://${address}`).port) });
        },
      },
      control: await worker('the control worker', 'control'),
      samplers: await Promise.all(Array.from({ length: SAMPLERS }, (_, at) => worker(`sampler ${at + 1}`, 'sampler'))),
    };
    return await killAndCompare({ ...options, folder, client, counts, fleet });
  } finally {
    await Promise.all(supervised.map((each) => each.stop()));
    await client.connection.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function killAndCompare({
  minutes,
  seed,
  killsAMinute,
  folder,
  client,
  counts,
  fleet,
}: {
  minutes: number;
  seed: number;
  killsAMinute: number;
  folder: string;
  client: Client;
  counts: string;
  fleet: Fleet;
}): Promise<boolean> {
  const out = join(folder, 'runs');
  const start = (request: RequestInput, run: string) =>
    startRun(client, { request: parseRequest({ ...request, out, run }, 'the request'), run });
  const result = async (run: string, name: string) => readFile(join(out, 'runs', run, name), 'utf8');

  await runResult(await start({ ...model, n: MEASURED_N, shardSize: EXAMPLES / (2 * SAMPLERS) }, 'measured'));
  const measured = JSON.parse(await result('measured', 'metrics.json')) as RunMetrics;
  const rate = measured.samplesDrawn / measured.samplerSeconds;
  const n = Math.max(MEASURED_N, Math.round((rate * SAMPLERS * minutes * 60) / EXAMPLES) - N0);
  const shardSize = Math.min(256, Math.max(1, Math.round((SHARD_SECONDS * rate) / (N0 + n))));
  const needed = EXAMPLES * (N0 + n);
  say(`${SAMPLERS} samplers of one model process each, measured at ${rate.toFixed(0)} samples/s each with no kills.`);
  say(`${EXAMPLES} examples, n0 = ${N0}, n = ${n}: ${needed} samples in shards of ${shardSize} examples.`);
  say(`Kills: seed ${seed}, ${killsAMinute} a minute.\n`);

  const request = { ...model, n, shardSize, seed: 'chaos' };
  const drawnBefore = countedSamples(counts);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const handle = await start(request, 'killed');
  let over = false;
  const killed = killUntil(() => over, { plan: killPlan({ seed, killsAMinute, samplers: SAMPLERS }), seconds, fleet });
  await runResult(handle).finally(() => (over = true));
  const wall = seconds();
  const kills = await killed;
  const drawn = countedSamples(counts) - drawnBefore;
  const retries = await countRetries(client);
  const ends = [fleet.control, ...fleet.samplers].reduce((sum, each) => sum + each.ends(), 0);

  say(`\nThe run took ${wall.toFixed(0)} s. One process does the same now, to compare …`);
  await certifyDataset({ ...request, out, run: 'alone' });
  const same = async (name: string) => {
    const [one, other] = await Promise.all(['killed', 'alone'].map((run) => readFile(join(out, 'runs', run, name))));
    return one.equals(other);
  };
  const [certificates, summary] = [await same('certificates.parquet'), await same('summary.json')];

  const byKind = killKinds.map((kind) => `${kind} ${kills.filter((kill) => kill === kind).length}`);
  const byName = [...retries].map(([name, count]) => `${name} ${count}`);
  say('');
  say(`kills                          ${kills.length} (${byKind.join(', ')})`);
  say(`workers that ended             ${ends}`);
  say(`retries of activities          ${byName.join(', ') || 'none'}`);
  say(`samples needed / drawn         ${needed} / ${drawn}`);
  say(`share of useful work           ${(needed / drawn).toFixed(4)}`);
  say(`share of the samplers' time    ${(needed / (rate * SAMPLERS * wall)).toFixed(4)}`);
  say(`certificates of one process    ${certificates ? 'the same, byte for byte' : 'DIFFERENT'}`);
  say(`summary of one process         ${summary ? 'the same, byte for byte' : 'DIFFERENT'}`);
  say(DEFINITIONS);
  return certificates && summary;
}

const DEFINITIONS = `
Samples needed are those that the certificates rest on; drawn are those that model processes were asked for, counted
before each request, so that those of attempts that died and of pieces that were never answered are among them. Useful
work is needed over drawn. The share of time is what drawing the needed samples takes the samplers at the measured rate,
over the wall time of all samplers, from the start of the run to its manifest: planning, restarts, waiting for a dead
sampler's heartbeat, and the last shards, when one sampler has nothing to do, are in it. It says little where the
machine did other things too: above 1, it did more of them while the rate was measured.`;

/** Kills by the plan until the run is over. @returns the kinds killed. */
async function killUntil(
  isOver: () => boolean,
  { plan, seconds, fleet }: { plan: Generator<Kill, never>; seconds: () => number; fleet: Fleet },
): Promise<KillKind[]> {
  const kills: KillKind[] = [];
  for (const kill of plan) {
    while (!isOver() && seconds() < kill.atSeconds) await sleep(50);
    if (isOver()) break;
    const what = await carryOut(kill, { fleet, isOver });
    if (what === undefined) break;
    kills.push(kill.kind);
    say(`${seconds().toFixed(1).padStart(7)} s  SIGKILL of ${what}`);
    if (kill.kind === 'Temporal server' || kill.kind === 'all') {
      await sleep(RESTART_MS);
      await fleet.server.start();
    }
  }
  return kills;
}

/** @returns what was killed, undefined where the run was over before. */
async function carryOut(
  { kind, sampler }: Kill,
  { fleet, isOver }: { fleet: Fleet; isOver: () => boolean },
): Promise<string | undefined> {
  const victim = fleet.samplers[sampler];
  switch (kind) {
    case 'sampler':
      await victim.current().kill();
      return victim.name;
    case 'model process': {
      const find = () => modelProcessesOf(victim.current().pid).at(0);
      let pid = find();
      // A sampler that has just started has none yet.
      for (; pid === undefined && !isOver(); pid = find()) await sleep(50);
      if (pid === undefined) return undefined;
      process.kill(pid, 'SIGKILL');
      return `the model process of ${victim.name}`;
    }
    case 'control worker':
      await fleet.control.current().kill();
      return fleet.control.name;
    case 'Temporal server':
      await fleet.server.kill();
      return 'the Temporal server';
    case 'all': {
      const workers = [fleet.control, ...fleet.samplers].map((each) => each.current().kill());
      await Promise.all([fleet.server.kill(), ...workers]);
      return 'all of them';
    }
  }
}

function say(line: string) {
  process.stdout.write(`${line}\n`);
}
