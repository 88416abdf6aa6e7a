import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { runCli } from '../support/run-cli.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('perimeter retry', () => {
  let cluster: Cluster;
  let out: string;
  let sampler: GuardedProcess;
  const asked = (more: object) =>
    stubRequest({ stub: { examples: 60 }, shardSize: 6, seed: 'again', maxFailedShare: 0.5, ...more });

  beforeAll(async () => {
    cluster = await startCluster();
    out = temporaryFolder(afterAll);
    await cluster.startWorker({ role: 'control' });
    // Examples 1, 21 and 41, and with each its shard.
    sampler = await cluster.startWorker({ role: 'sampler', unreadable: 20 });
  });

  const perimeter = (...args: string[]) => runCli([...args, '--address', cluster.address]);

  it('completes a run in a new generation, by the workers, after status has listed what failed', async () => {
    const { run, handle } = await cluster.startRun(asked({ out, run: 'nightly' }));
    const { url, failed, generation } = await handle.result();
    expect({ failed, generation }).toEqual({ failed: 18, generation: 1 });
    const status = await perimeter('status', run);
    expect(status.stdout).toContain('shards    10 of 10, 3 failed');
    expect(status.stdout).toMatch(/failed {4}example 0: example 1: the file of this example is no image/);
    expect(status.stdout).toContain('and 8 more: --json lists all');
    expect(status.stdout).toContain('"perimeter retry nightly" tries them again');
    const listed = JSON.parse((await perimeter('status', run, '--json')).stdout) as { failures: object[] };
    expect(listed.failures).toHaveLength(18);

    await sampler.kill();
    sampler = await cluster.startWorker({ role: 'sampler' });
    const retried = await perimeter('retry', run);
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('generations/2') as string });
    const folder = fileURLToPath(url);
    const whole = await runLocally(asked({ out: temporaryFolder() }));
    expect(resultBytes(join(folder, 'generations/2'))).toEqual(resultBytes(whole.folder));
    expect(existsSync(join(folder, 'generations/2/shards/00000.jsonl'))).toBe(true);
    expect(existsSync(join(folder, 'generations/2/shards/00001.jsonl'))).toBe(false);
    const after = await perimeter('status', run);
    expect(after.stdout).toContain('its failed examples again');
    expect(after.stdout).toContain('examples  18 of 18, 0 failed');
    expect(after.stdout).not.toContain('tries them again');

    const again = await cluster.startRun(asked({ out, run: 'nightly' }));
    expect(await again.handle.result()).toMatchObject({ generation: 2, failed: 0 });

    const nothing = await perimeter('retry', run);
    expect(nothing).toMatchObject({ code: 2 });
    expect(nothing.stderr).toContain('No example of run nightly has failed: there is nothing to try again.');
    const elsewhere = await perimeter('retry', 'nowhere', '--out', out);
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('Run nowhere has no plan') as string });
  });

  it('lets Temporal find runs by model, dataset, sigma and state, and tells them apart by a line', async () => {
    const { handle } = await cluster.startRun(asked({ out, run: 'searched', sigma: 0.75 }));
    await handle.result();
    const find = async (query: string) => {
      const found: string[] = [];
      for await (const { workflowId } of cluster.client.workflow.list({ query })) found.push(workflowId);
      return found;
    };
    // Visibility follows a moment later.
    await expect
      .poll(() => find('PerimeterState = "finished" AND PerimeterSigma = 0.75'))
      .toEqual(['certify/searched']);
    expect(await find('PerimeterModel = "stub:" AND PerimeterDataset = "stub:" AND PerimeterSigma = 0.75')).toEqual([
      'certify/searched',
    ]);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe('certify stub: on stub:, sigma 0.75');
  });

  it('goes without where the server does not know the search attributes', async () => {
    await cluster.client.connection.operatorService.removeSearchAttributes({
      namespace: 'default',
      searchAttributes: ['PerimeterModel'],
    });
    const { handle } = await cluster.startRun(asked({ out, run: 'bare' }));
    expect(await handle.result()).toMatchObject({ failed: 0 });
  });
});
