import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { filesOf, pairs, statistics, studyFile } from './study-files.ts';

describe('a study by workers', () => {
  let cluster: Cluster;
  let local: string;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.startWorker({ role: 'control' });
    await cluster.startWorker({ role: 'sampler' });
    local = temporaryFolder(afterAll);
    const { code } = await runCli([
      'certify',
      studyFile({ ...statistics, pairs }, afterAll),
      '--local',
      '--out',
      local,
      '--run',
      's',
    ]);
    expect(code).toBe(0);
  });

  const study = (out: string, more: string[] = [], some = pairs) =>
    runCli([
      ...['certify', studyFile({ ...statistics, pairs: some }), '--out', out, '--address', cluster.address],
      ...more,
    ]);

  it('has the bytes of one in one process: its runs, its record and its tables', async () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await study(out, ['--run', 's']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/finished {4}100 % {2}40\/40 examples {2}2 of 2 runs finished/);
    expect(stdout).toContain(`Study s: ${join(out, 'studies/s')}\n`);
    for (const run of ['s-0.25', 's-0.5']) {
      expect({ ...filesOf(out, run), 'commitment.json': '' }).toEqual({
        ...filesOf(local, run),
        'commitment.json': '',
      });
    }
    const files = readdirSync(join(local, 'studies/s')).sort();
    expect(readdirSync(join(out, 'studies/s')).sort()).toEqual(files);
    for (const name of files) {
      expect(readFileSync(join(out, 'studies/s', name)), name).toEqual(readFileSync(join(local, 'studies/s', name)));
    }
  });

  it('goes on without the command with --detach, and is made whole by the same command without it', async () => {
    const out = temporaryFolder();
    const detached = await study(out, ['--run', 'later', '--detach', '--json']);
    expect({ ...detached, stdout: JSON.parse(detached.stdout) as unknown }).toEqual({
      code: 0,
      stderr: '',
      stdout: { study: 'later', runs: [{ run: 'later-0.25' }, { run: 'later-0.5' }] },
    });
    const followed = await study(out, ['--run', 'later', '--json']);
    expect(followed.code).toBe(0);
    expect(JSON.parse(followed.stdout)).toMatchObject({ study: 'later', url: `file://${join(out, 'studies/later')}` });
  });

  it('has the runs that are finished where another fails, and names that one', async () => {
    const out = temporaryFolder();
    const broken = [{ model: join(out, 'nowhere.onnx'), sigma: 1 }, pairs[1]];
    const { code, stdout, stderr } = await study(out, ['--run', 'broken'], broken);
    expect(stderr).toMatch(/^perimeter: run broken-1 failed: .*nowhere\.onnx/m);
    expect(stdout).toContain('Run broken-0.5: ');
    expect(code).toBe(1);
    expect(readdirSync(out)).toEqual(expect.not.arrayContaining(['studies']));
  });

  it('has a run that was cancelled named too', async () => {
    const out = temporaryFolder();
    // No worker has such a device: the runs wait until they are cancelled.
    const following = study(out, ['--device', 'webgpu', '--run', 'c']);
    for (const run of ['c-0.25', 'c-0.5']) {
      const known = () => runCli(['status', run, '--address', cluster.address]);
      await until(known, ({ code }) => code === 0);
      expect((await runCli(['cancel', run, '--address', cluster.address])).code).toBe(0);
    }
    const followed = await following;
    expect(followed.stderr).toMatch(/^perimeter: run c-0\.5 failed: Run c-0\.5 was cancelled\.$/m);
    expect(followed.code).toBe(1);
  });

  it('is refused under a run id that is under way with another request, and the other run goes on', async () => {
    const out = temporaryFolder();
    // No worker has such a device, so that it waits, and nothing waits for it.
    const one = studyFile({ ...statistics, ...pairs[0], device: 'webgpu' });
    const start = ['certify', one, '--out', out, '--address', cluster.address, '--run', 'taken-0.25', '--detach'];
    expect((await runCli(start)).code).toBe(0);
    const { code, stderr, stdout } = await study(out, ['--run', 'taken']);
    expect(stderr).toMatch(/run taken-0\.25 failed: Run taken-0\.25 is under way with another request/);
    expect(stdout).toContain('Run taken-0.5: ');
    expect(code).toBe(1);
    expect((await runCli(['cancel', 'taken-0.25', '--address', cluster.address])).code).toBe(0);
  });
});
