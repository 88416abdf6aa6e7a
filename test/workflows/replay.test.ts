import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../workers/workflow-code.ts';
import { readableText } from '../support/readable-text.ts';

const { History } = proto.temporal.api.history.v1;
const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));

function readHistory(file: string) {
  const history = History.fromObject(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object);
  return {
    history,
    events: history.events.map(({ eventType }) => proto.temporal.api.enums.v1.EventType[eventType ?? 0]),
  };
}

async function replay(workflowBundle: WorkflowBundle, file: string): Promise<void> {
  const { history } = readHistory(file);
  const workflowId = history.events[0].workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
  await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

beforeAll(() => {
  // What is refused is logged, at length.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
});

describe('a workflow that was recorded', () => {
  let production: WorkflowBundle;

  beforeAll(async () => {
    production = await bundleWorkflows();
  });

  it.each(files)('goes on under the code of today: %s', async (file) => {
    await replay(production, file);
  });
});

describe('the recordings', () => {
  it('have what befalls a run', () => {
    const events = new Set(files.flatMap((file) => readHistory(file).events));
    for (const event of [
      'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
      'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
      'EVENT_TYPE_ACTIVITY_TASK_FAILED',
      'EVENT_TYPE_ACTIVITY_TASK_CANCELED',
      'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED',
    ])
      expect([...events]).toContain(event);
    const attempts = files.flatMap((file) =>
      readHistory(file).history.events.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0),
    );
    expect(Math.max(...attempts)).toBeGreaterThan(1);
  });

  it('tell nothing of the machine that made them', () => {
    for (const file of files) {
      const { history } = readHistory(file);
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text).not.toMatch(/"identity":"(?!recorded")/);
      expect(text).not.toMatch(/"stackTrace":"[^"]/);
      expect(readableText(history)).not.toMatch(/\/(root|home|Users|tmp\/(?!perimeter-histories))/);
    }
  });
});

describe('a workflow whose commands are changed', () => {
  let changed: WorkflowBundle;

  beforeAll(async () => {
    changed = await bundleWorkflows({ from: fileURLToPath(new URL('./changed-workflows.ts', import.meta.url)) });
  });

  it.each(files)('is refused: %s', async (file) => {
    await expect(replay(changed, file)).rejects.toThrow(DeterminismViolationError);
  });
});
