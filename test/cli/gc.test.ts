import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { auditDate, auditKeys } from '../../certification/records/audit-keys.ts';
import { signRun } from '../../certification/sign-run.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { connectClient } from '../../cli/connect.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun } from '../../cli/runs.ts';
import { createBucket } from '../support/create-bucket.ts';
import { runCli } from '../support/run-cli.ts';
import { runLocally } from '../support/run-locally.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { startS3Proxy } from '../support/s3-proxy.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 24 * 3_600_000;
const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

/** A finished run of one example, without the records that state when it was made. */
const template = temporaryFolder(afterAll);

beforeAll(async () => {
  const { folder } = await runLocally(stubRequest({ out: template, run: 'r', stub: { examples: 1 } }), {
    processes: 1,
  });
  writeFileSync(join(folder, 'plan.json'), '{}');
  writeFileSync(join(folder, 'metrics.json'), '{}');
});

/** A store whose runs were written so many days ago. */
function storeOf(runs: Record<string, number>): string {
  const out = temporaryFolder();
  for (const [run, days] of Object.entries(runs)) {
    cpSync(join(template, 'runs/r'), join(out, 'runs', run), { recursive: true });
    age(join(out, 'runs', run), days);
  }
  return out;
}

function age(folder: string, days: number) {
  for (const path of filesUnder(folder)) utimesSync(path, daysAgo(days), daysAgo(days));
}

const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const runsIn = (out: string) => readdirSync(join(out, 'runs')).sort();

describe('perimeter gc', () => {
  it('lists in 80 columns what would go and what stays, and deletes nothing unless it is told to', async () => {
    const long = `${'a-long-name-of-a-line'.repeat(2)}-2026-11-27T020000Z`;
    const out = storeOf({ old: 45, young: 2, signed: 400, pinned: 60, [long]: 31 });
    const store = openStore(out);
    await signRun({ store, run: 'signed', privateKey: newKeyPair().privateKey });
    await putAudit(out, { line: 'l'.repeat(60), run: null, baseline: 'pinned' });
    const { code, stdout, stderr } = await runCli(['gc', '--out', out]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const size = (run: string) =>
      `${(filesUnder(join(out, 'runs', run)).reduce((sum, path) => sum + statSync(path).size, 0) / 1_000).toFixed(1)} kB`;
    expect(stdout.split('\n')).toEqual([
      '   age      size  run                               why',
      'Stay',
      `  60 d  ${size('pinned').padStart(8)}  pinned`,
      `                  baseline of ${'l'.repeat(49)}…`,
      `   0 h  ${size('signed').padStart(8)}  signed                            signed`,
      `   2 d  ${size('young').padStart(8)}  young                             younger than 30d`,
      'Would go',
      `  31 d  ${size('old').padStart(8)}  ${long}`,
      '                  older than 30d',
      `  45 d  ${size('old').padStart(8)}  old                               older than 30d`,
      '',
      expect.stringMatching(
        /^3 runs \(.* kB\) would stay, 2 runs \(.* kB\) would go\. Nothing was deleted: --delete does it\.$/,
      ),
      '',
    ]);
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .slice(0, -2)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(runsIn(out)).toEqual([long, 'old', 'pinned', 'signed', 'young'].sort());

    expect((await runCli(['gc', '--out', out, '--dry-run'])).stdout).toBe(stdout);
    const deleted = await runCli(['gc', '--out', out, '--delete']);
    expect(deleted).toMatchObject({ code: 0, stderr: '' });
    expect(deleted.stdout).toMatch(
      /\nDeleted\n.*\n.*older than 30d\n.* old .*\n\n3 runs .* stayed, 2 runs .* deleted\.\n$/,
    );
    expect(runsIn(out)).toEqual(['pinned', 'signed', 'young']);
  });

  it('keeps hours, days or weeks, and prints one JSON object', async () => {
    const out = storeOf({ a: 0.6, b: 3, c: 8, d: 22 });
    const goes = async (keep: string) => {
      const { stdout } = await runCli(['gc', '--out', out, '--keep', keep, '--json']);
      const report = JSON.parse(stdout) as { runs: { run: string; fate: string }[] };
      return report.runs.filter(({ fate }) => fate === 'goes').map(({ run }) => run);
    };
    expect(await goes('12h')).toEqual(['a', 'b', 'c', 'd']);
    expect(await goes('7d')).toEqual(['c', 'd']);
    expect(await goes('3w')).toEqual(['d']);
    const { stdout } = await runCli(['gc', '--out', out, '--keep', '3w', '--delete', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      keep: '3w',
      dryRun: false,
      runs: [
        { run: 'a', fate: 'stays', reason: { kind: 'young' }, ageSeconds: expect.closeTo(0.6 * 86_400, -2) as number },
        { run: 'b', fate: 'stays' },
        { run: 'c', fate: 'stays' },
        { run: 'd', fate: 'deleted', reason: { kind: 'old' }, why: 'older than 3w' },
      ],
      totals: { stay: { runs: 3 }, go: { runs: 0 }, deleted: { runs: 1 }, refused: { runs: 0 } },
    });
    expect(runsIn(out)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [['--keep', '30'], 'Expected a whole number from 1 of hours, days or weeks, such as 12h, 30d or 8w.'],
    [['--keep', '0d'], 'Expected a whole number'],
    [['--keep', '1.5d'], 'Expected a whole number'],
    [['--keep', ''], 'Expected a whole number'],
    [['--dry-run', '--delete'], "option '--delete' cannot be used with option '--dry-run'"],
  ])('refuses %j in one sentence', async (flags, sentence) => {
    const out = storeOf({ old: 45 });
    const { code, stdout, stderr } = await runCli(['gc', '--out', out, ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(runsIn(out)).toEqual(['old']);
  });

  it('says so where there are no runs', async () => {
    const out = temporaryFolder();
    expect(await runCli(['gc', '--out', out])).toMatchObject({ code: 0, stdout: `There are no runs in ${out}.\n` });
  });

  it('stops with exit code 2 before it deletes anything where an index of audits is damaged', async () => {
    const out = storeOf({ old: 45 });
    mkdirSync(join(out, 'audits/nightly'), { recursive: true });
    writeFileSync(join(out, 'audits/nightly/index.json'), '{"version":1,');
    const { code, stdout, stderr } = await runCli(['gc', '--out', out, '--delete']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^perimeter: file:.*index\.json can't be read as a record of audits: mend it.*\n$/);
    expect(runsIn(out)).toEqual(['old']);
  });

  it('killed amid a deletion leaves no half of a run that looks whole, and another one finishes it', async () => {
    const out = storeOf({ r: 45 });
    const run = join(out, 'runs/r');
    const shards = Array.from({ length: 5_000 }, (_, shard) =>
      join(run, `shards/1${String(shard).padStart(5, '0')}.jsonl`),
    );
    for (const path of shards) writeFileSync(path, '{}\n');
    age(run, 45);
    const collector = spawn(process.execPath, [cli, 'gc', '--out', out, '--delete'], { stdio: 'ignore' });
    const ended = once(collector, 'exit');
    while (existsSync(join(run, 'manifest.json'))) await sleep(1);
    collector.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const left = filesUnder(run);
    expect(left.length).toBeGreaterThan(1);
    expect(left).toContain(join(run, 'plan.json'));
    expect((await runCli(['gc', '--out', out])).stdout).toMatch(/ r {33}unfinished, older than 30d\n/);
    expect(await runCli(['gc', '--out', out, '--delete'])).toMatchObject({ code: 0, stderr: '' });
    expect(runsIn(out)).toEqual([]);
  });

  it('keeps what Temporal has under way, where it is told where Temporal is', async () => {
    const server = await startTemporalServer();
    onTestFinished(() => server.stop());
    const out = storeOf({ paused: 45, old: 45 });
    const client = await connectClient({ address: server.address });
    onTestFinished(() => client.connection.close());
    // No worker is there to go on with it.
    await startRun(client, { request: stubRequest({ out }), run: 'paused' });
    for (;;) {
      const { stdout } = await runCli(['gc', '--out', out, '--address', server.address]);
      // What was started a moment ago isn't listed at once.
      if (/paused {28}under way/.test(stdout)) break;
      await sleep(100);
    }
    const env = { TEMPORAL_ADDRESS: server.address };
    expect(await runCli(['gc', '--out', out, '--delete'], { env })).toMatchObject({ code: 0 });
    expect(runsIn(out)).toEqual(['paused']);
    const nobody = await runCli(['gc', '--out', out, '--delete', '--address', '127.0.0.1:1']);
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("Temporal can't be reached") as string });
    expect(runsIn(out)).toEqual(['paused']);
  });

  it('goes on after a refusal, and ends with exit code 1', async () => {
    const server = inject('s3');
    const refused = Buffer.from('<Error><Code>AccessDenied</Code><Message>locked</Message></Error>');
    const proxy = await startS3Proxy({
      server,
      handle: async (request, forward) => {
        if (request.method === 'DELETE' && request.path.includes('/runs/b/')) {
          return { status: 403, headers: { 'content-type': 'application/xml' }, body: refused };
        }
        const { headers, ...response } = await forward(request);
        if (!request.path.includes('list-type=2')) return { headers, ...response };
        // What is in the bucket was written a moment ago.
        const written = `<LastModified>${daysAgo(45).toISOString()}</LastModified>`;
        const body = Buffer.from(response.body.toString().replaceAll(/<LastModified>.*?<\/LastModified>/g, written));
        return { ...response, headers: { ...headers, 'content-length': String(body.length) }, body };
      },
    });
    onTestFinished(proxy.stop);
    const out = `s3://${await createBucket({ server })}/out`;
    Object.assign(process.env, s3Environment(server));
    const store = openStore(out);
    for (const run of ['a', 'b', 'c']) {
      for (const path of filesUnder(join(template, 'runs/r'))) {
        const key = `runs/${run}/${path.slice(join(template, 'runs/r/').length)}`;
        await store.putIfAbsent(key, new TextEncoder().encode(path));
      }
    }
    const env = s3Environment({ ...server, endpoint: proxy.endpoint });
    const { code, stdout, stderr } = await runCli(['gc', '--out', out, '--delete'], { env });
    expect(stderr).toBe(
      `perimeter: Run b could not be deleted: The store refused DeleteObject on ${out}/runs/b/manifest.json: access is denied: allow it in the policy of the user or of the bucket.\n`,
    );
    expect(stdout).toMatch(/\nNot deleted\n.* b {33}could not be deleted\nDeleted\n.* c /);
    expect(stdout).toMatch(/2 runs .* deleted, 1 run .* could not be deleted\.\n$/);
    expect(code).toBe(1);
    expect(await store.folders('runs/')).toEqual(['b']);
  });
});

async function putAudit(out: string, { line, run, baseline }: { line: string; run: string | null; baseline: string }) {
  const date = auditDate(daysAgo(50));
  const compared = { run: baseline, pinned: true, examples: 1, comparison: null, differs: [] };
  const audit = {
    ...{ version: 1, line, date, outcome: 'failed', reason: 'A gate failed.', model: 'm.onnx', audited: null, run },
    ...{ generation: null, gates: [], asked: '0'.repeat(64), baseline: compared, summary: null },
  };
  await openStore(out).putIfAbsent(auditKeys.audit(line, date), new TextEncoder().encode(JSON.stringify(audit)));
}
