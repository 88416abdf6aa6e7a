import { afterAll, describe, expect, it } from 'vitest';
import { historySizes } from '../../bench/history-sizes.ts';
import { startCluster } from '../support/cluster.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Events after which the server asks a workflow to go on in a new history: a few shards' worth. */
const SUGGESTED_EVENTS = 60;
const SHARDS = 40;

describe('a range whose server asks for short histories', () => {
  it('goes on in several, and leaves the bytes of one process', async () => {
    const cluster = await startCluster({
      serverArgs: ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${SUGGESTED_EVENTS}`],
    });
    await cluster.startWorker({ role: 'control' });
    await cluster.startWorker({ role: 'sampler' });
    const out = temporaryFolder(afterAll);
    const request = stubRequest({ stub: { examples: SHARDS }, shardSize: 1, concurrency: 3, seed: 'cut', out });
    const { run, handle } = await cluster.startRun(request);
    await handle.result();
    await expectWholeRun(request, run);
    const { executions, events } = await historySizes(cluster.client, `WorkflowId = "${handle.workflowId}/range-0"`);
    expect(executions).toBeGreaterThan(3);
    expect(events).toBeGreaterThan(3 * SUGGESTED_EVENTS);
  });
});
