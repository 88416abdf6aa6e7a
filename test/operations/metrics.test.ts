import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parser } from '@prometheus-io/lezer-promql';
import type { Client } from '@temporalio/client';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { readSummary } from '../../certification/read-summary.ts';
import type { RunMetrics } from '../../certification/publish-run.ts';
import type { Summary } from '../../certification/records/summary.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { connectClient } from '../../cli/connect.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun } from '../../cli/runs.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerCli, type WorkerCli } from '../support/worker-cli.ts';

/** One shard of some seconds: 8,000 samples at half a millisecond. */
const request = { stub: { examples: 16, secondsPerSample: 0.0005 }, n: 500 };

let server: TemporalServer;
let client: Client;
let control: WorkerCli;
let sampler: WorkerCli;
let out: string;

beforeAll(async () => {
  server = await startTemporalServer();
  client = await connectClient({ address: server.address });
  out = temporaryFolder(afterAll);
  control = await startWorkerCli({ address: server.address, role: 'control' }, afterAll);
  sampler = await startSampler();
  await Promise.all([control.untilReady(), sampler.untilReady()]);
});

afterAll(async () => {
  await Promise.all([control.kill(), sampler.kill()]);
  await client.connection.close();
  await server.stop();
});

function startSampler(): Promise<WorkerCli> {
  return startWorkerCli({ address: server.address, role: 'sampler' }, afterAll);
}

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** The samples of a scrape in Prometheus's text format. */
function samplesOf(scrape: string): Sample[] {
  return scrape.split('\n').flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) return [];
    const labels = [...((match[2] as string | undefined) ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, name, value]) => [name, value] as const,
    );
    return [{ name: match[1], labels: Object.fromEntries(labels), value: Number(match[3]) }];
  });
}

/** The sum of a metric's series with these labels. */
function total(scrape: string, name: string, labels: Record<string, string> = {}): number {
  const series = samplesOf(scrape).filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (series.length === 0) throw new Error(`no ${name} ${JSON.stringify(labels)} in:\n${scrape}`);
  return series.reduce((sum, { value }) => sum + value, 0);
}

const estimated = (scrape: string) => total(scrape, 'perimeter_samples_total', { phase: 'estimation' });
const finished = (scrape: string) =>
  total(scrape, 'perimeter_shard_attempts_total', { phase: 'estimation', outcome: 'finished' });

async function untilSamples(worker: WorkerCli, least: number): Promise<string> {
  for (;;) {
    const scrape = await worker.scrape();
    if (estimated(scrape) >= least) return scrape;
    await sleep(100);
  }
}

describe("a worker's metrics", () => {
  it('count samples while a shard is drawn, and end at what the run says of itself', async () => {
    const run = 'counted';
    const handle = await startRun(client, { request: stubRequest({ ...request, out }), run });
    const early = await untilSamples(sampler, 1);
    const later = await untilSamples(sampler, estimated(early) + 1);
    expect(finished(later)).toBe(0);
    await handle.result();
    const scrape = await sampler.scrape();
    expect(finished(scrape)).toBe(1);

    const store = openStore(out);
    const bytes = await store.get(runKeys.result(run, 'metrics.json'));
    const metrics = JSON.parse(new TextDecoder().decode(bytes)) as RunMetrics;
    const ofRun = (name: string) =>
      total(scrape, name, { phase: 'selection' }) + total(scrape, name, { phase: 'estimation' });
    expect(ofRun('perimeter_samples_total')).toBe(metrics.samplesDrawn);
    expect(ofRun('perimeter_batch_slots_total')).toBeGreaterThanOrEqual(metrics.samplesDrawn);
    expect(ofRun('perimeter_batch_slots_total') % metrics.batches).toBe(0);
    expect(ofRun('perimeter_inference_seconds_sum')).toBeCloseTo(metrics.inferenceSeconds, 6);
    expect(total(scrape, 'perimeter_model_processes', { device: 'cpu' })).toBe(1);
    const summary = (await readSummary(store, run)).summary as Summary;
    for (const status of ['certified', 'abstained', 'skipped', 'failed'] as const) {
      expect(total(scrape, 'perimeter_examples_total', { status }), status).toBe(summary[status]);
    }
  });

  it('count what is tried again, and what failed by its type', async () => {
    const before = await sampler.scrape();
    expect(total(before, 'perimeter_shard_retries_total')).toBe(0);
    expect(total(before, 'perimeter_failures_total')).toBe(0);
    const handle = await startRun(client, { request: stubRequest({ ...request, out }), run: 'handed-over' });
    await untilSamples(sampler, estimated(before) + 1);
    await sampler.stop();
    sampler = await startSampler();
    await handle.result();
    const scrape = await sampler.scrape();
    expect(total(scrape, 'perimeter_shard_retries_total', { phase: 'estimation' })).toBe(1);
    expect(total(scrape, 'perimeter_failures_total')).toBe(0);

    const missing = parseRequest({ model: '/nowhere.onnx', dataset: '/nowhere.npz', sigma: 0.5, out }, 'the request');
    const failing = await startRun(client, { request: missing, run: 'failing' });
    await expect(failing.result()).rejects.toThrow();
    const after = await sampler.scrape();
    expect(total(after, 'perimeter_failures_total', { type: 'NotFound' })).toBe(1);
    expect(total(after, 'perimeter_failures_total')).toBe(1);
  });
});

interface Query {
  readonly from: string;
  readonly expr: string;
}

/** What a query asks for: each metric with the labels that it is selected or summed by. */
function selectorsOf({ from, expr }: Query): { name: string; labels: string[] }[] {
  const text = expr.replaceAll(/\$__\w+/g, '5m');
  const selectors: { name: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, name, node, from: start, to }) => {
      if (type.isError) throw new Error(`${from}: not PromQL at ${start}: ${expr}`);
      if (name === 'GroupingLabels') grouped.push(...(text.slice(start, to).match(/\w+/g) ?? []));
      if (name !== 'VectorSelector') return;
      const selector = text.slice(node.from, node.to);
      const labels = [...selector.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*"/g)].map(([, label]) => label);
      selectors.push({ name: /^\w+/.exec(selector)?.[0] ?? selector, labels });
    },
  });
  // Prometheus itself adds `instance`.
  return selectors.map(({ name, labels }) => ({
    name,
    labels: [...labels, ...grouped].filter((label) => label !== 'instance'),
  }));
}

const readDoc = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
  }[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

describe('what operators are given', () => {
  let scraped: Sample[];

  beforeAll(async () => {
    // Requests fail only when there is nobody to answer them.
    await server.kill();
    const failures = ['temporal_request_failure_total', 'temporal_long_request_failure_total'];
    for (;;) {
      const scrapes = await Promise.all([control.scrape(), sampler.scrape()]);
      scraped = scrapes.flatMap(samplesOf);
      if (failures.every((failure) => scraped.some(({ name }) => name === failure))) return;
      // A probe's question fails at once; a worker's own polls fail while they are under way.
      await Promise.all([control.ask('/readyz'), sampler.ask('/readyz')]);
      await sleep(200);
    }
  });

  const dashboard = JSON.parse(readDoc('grafana/perimeter.json')) as Dashboard;
  const rules = (parse(readDoc('grafana/alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);

  it('asks in the dashboard and the alerts for nothing that a scrape does not have', () => {
    const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ from: `panel "${title}"`, expr })),
    );
    const alerts = rules.map(({ alert, expr }) => ({ from: `alert ${alert}`, expr }));
    expect(panels.length).toBeGreaterThan(15);
    expect(alerts.length).toBeGreaterThan(4);
    for (const query of [...panels, ...alerts]) {
      const selectors = selectorsOf(query);
      expect(selectors.length, query.from).toBeGreaterThan(0);
      for (const { name, labels } of selectors) {
        const series = scraped.filter((sample) => sample.name === name);
        expect(series.length, `${query.from}: ${name}`).toBeGreaterThan(0);
        const known = new Set(series.flatMap((sample) => Object.keys(sample.labels)));
        expect([...known], `${query.from}: ${name}`).toEqual(expect.arrayContaining(labels));
      }
    }
  });

  it('has the dashboard ask the data source that its reader chooses', () => {
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource' }),
    );
    const uids = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid));
    expect(new Set(uids)).toEqual(new Set(['${datasource}']));
  });

  it('names in docs/operations.md no metric that a scrape does not have, and every alert', () => {
    const text = readDoc('operations.md');
    const named = new Set(text.match(/\b(?:perimeter|temporal)_[a-z_]+\b/g));
    expect(named.size).toBeGreaterThan(15);
    const known = new Set(scraped.flatMap(({ name }) => [name, name.replace(/_(?:sum|count|bucket)$/, '')]));
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
    expect(rules.map(({ alert }) => alert).filter((alert) => !text.includes(`\`${alert}\``))).toEqual([]);
    const ours = new Set(
      [...known].filter((name) => name.startsWith('perimeter_') && !/_(?:sum|count|bucket)$/.test(name)),
    );
    expect([...ours].filter((name) => !named.has(name))).toEqual([]);
  });
});
