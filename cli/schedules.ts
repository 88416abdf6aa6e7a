import { setTimeout as sleep } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { mapConcurrently } from '../certification/map-concurrently.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { controlQueue, samplerQueue } from '../workers/queues.ts';
import { runAttributes } from '../workflows/search-attributes.ts';
import type { AuditModelInput } from '../workflows/types.ts';
import type { ScheduledLine } from './read-audit-file.ts';

const { WorkflowExecutionStatus } = proto.temporal.api.enums.v1;
const RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;

/** What the ids of schedules, and of the audits that they start, begin with. */
const PREFIX = 'audit/';
/** Temporal evaluates a backfill after its start, and up to its end. */
const BEFORE_MS = 1_000;

/** So many times, and so long in between, a server is asked that is looking how an audit ended: it takes it some ten ms. */
const LOOKS = 20;
const LOOK_MS = 50;
const DESCRIBED_AT_ONCE = 8;

/** A line's schedule as Temporal has it. */
export interface ScheduleStatus {
  readonly line: string;
  readonly paused: boolean;
  /** Why it was paused, or what else was noted. */
  readonly note: string | null;
  /** Coming scheduled times, ISO 8601. */
  readonly next: readonly string[];
  /** Latest audits, the last one last. */
  readonly recent: readonly RecentAudit[];
  readonly running: readonly string[];
}

export interface RecentAudit {
  /** ISO 8601. */
  readonly scheduled: string;
  readonly workflowId: string;
  /** Of its workflow: an audit whose gate fails is `failed`. */
  readonly state: string;
}

/** What only `show` tells. */
export interface ScheduleDetails extends ScheduleStatus {
  readonly model: string;
  readonly out: string;
  readonly jitterMs: number;
  readonly timeZone: string;
  readonly catchUpMs: number;
  readonly pauseOnFailure: boolean;
  /** Audits that were not started: an outage longer than the catch-up window, or another one still under way. */
  readonly missed: number;
  readonly overlapped: number;
}

/**
 * Makes Temporal's schedule of a line what its file says: creates it, or replaces all of it but whether it is paused.
 *
 * @throws PerimeterError `InvalidRequest` where Temporal refuses it, such as a cron expression that is none.
 */
export async function applySchedule(client: Client, scheduled: ScheduledLine): Promise<'created' | 'replaced'> {
  const { schedule, input } = scheduled;
  const { line, request } = input;
  const { cron, timeZone, jitter, catchUp, pauseOnFailure } = schedule;
  const args: [AuditModelInput] = [
    {
      ...input,
      queues: { control: controlQueue, sampler: samplerQueue(request.device) },
      ...((await knowsAttributes(client)) && { searchAttributes: true }),
    },
  ];
  const options = {
    spec: { cronExpressions: cron, timezone: timeZone, ...(jitter !== undefined && { jitter: jitter as '1s' }) },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'auditModel',
      workflowId: PREFIX + line,
      taskQueue: controlQueue,
      args,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUp as '1s', pauseOnFailure },
  };
  return refusing(line, async () => {
    try {
      await client.schedule.create({ scheduleId: PREFIX + line, ...options });
      return 'created';
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(PREFIX + line).update(({ state }) => ({ ...options, state }));
      return 'replaced';
    }
  });
}

/** The schedules of all lines, in the order of their names. */
export async function listSchedules(client: Client): Promise<ScheduleStatus[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) if (scheduleId.startsWith(PREFIX)) ids.push(scheduleId);
  const described = await mapConcurrently(ids.sort(), DESCRIBED_AT_ONCE, async (scheduleId) => {
    try {
      return statusOf(await describe(client.schedule.getHandle(scheduleId)));
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  });
  return described.filter((each) => each !== undefined);
}

/** @throws PerimeterError `NotFound` where the line has no schedule. */
export async function showSchedule(client: Client, line: string): Promise<ScheduleDetails> {
  return withSchedule(client, line, async (handle) => {
    const description = await describe(handle);
    const { spec, policies, info, action } = description;
    const [input] = (action.args ?? []) as Partial<[AuditModelInput]>;
    if (input === undefined) {
      throw new PerimeterError('NotFound', `${PREFIX}${line} is a schedule of something else than audits.`);
    }
    return {
      ...statusOf(description),
      model: input.request.model,
      out: input.out,
      jitterMs: spec.jitter ?? 0,
      timeZone: spec.timezone ?? 'UTC',
      catchUpMs: policies.catchupWindow,
      pauseOnFailure: policies.pauseOnFailure,
      missed: info.numActionsMissedCatchupWindow,
      overlapped: info.numActionsSkippedOverlap,
    };
  });
}

/** Starts no more audits of a line until it is resumed. @throws as `showSchedule`. */
export function pauseSchedule(client: Client, line: string, note: string): Promise<void> {
  return withSchedule(client, line, (handle) => handle.pause(note));
}

export function resumeSchedule(client: Client, line: string, note: string): Promise<void> {
  return withSchedule(client, line, (handle) => handle.unpause(note));
}

/** Starts an audit now, or when the one under way has ended. */
export function triggerSchedule(client: Client, line: string): Promise<void> {
  return withSchedule(client, line, (handle) => handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE));
}

/**
 * Starts the audits that were due from one time to another, both included, one after another, with the dates that they
 * would have had.
 *
 * @returns how many there are.
 * @throws PerimeterError `InvalidRequest` where none was due; as `showSchedule`.
 */
export function backfillSchedule(
  client: Client,
  line: string,
  { from, to }: { from: Date; to: Date },
): Promise<number> {
  return withSchedule(client, line, async (handle) => {
    const { spec } = await handle.describe();
    const start = new Date(from.getTime() - BEFORE_MS);
    // Temporal takes the times with their jitter.
    const end = new Date(to.getTime() + (spec.jitter ?? 0));
    const { namespace } = client.options;
    const { startTime: matching } = await client.workflowService.listScheduleMatchingTimes({
      ...{ namespace, scheduleId: handle.scheduleId },
      ...{ startTime: msToTs(start.getTime()), endTime: msToTs(end.getTime()) },
    });
    if (matching.length === 0) {
      throw new PerimeterError(
        'InvalidRequest',
        `No audit of ${line} was due then: "perimeter schedule show ${line}" tells when they are.`,
      );
    }
    await handle.backfill({ start, end, overlap: ScheduleOverlapPolicy.BUFFER_ALL });
    return matching.length;
  });
}

/** Deletes a line's schedule; an audit under way goes on, and all that is in the store stays. */
export function deleteSchedule(client: Client, line: string): Promise<void> {
  return withSchedule(client, line, (handle) => handle.delete());
}

async function withSchedule<T>(client: Client, line: string, act: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
  try {
    return await act(client.schedule.getHandle(PREFIX + line));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new PerimeterError(
      'NotFound',
      `No line ${line} is scheduled: "perimeter schedule list" lists those that are.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * A schedule as it is. A server that meets an audit of it which has ended looks first how, and then pauses the schedule if
 * need be; until it is asked, or the next audit is due, it may not have looked.
 */
async function describe(handle: ScheduleHandle): Promise<ScheduleDescription> {
  for (let attempt = 1; ; attempt += 1) {
    const description = await handle.describe();
    const last = description.raw.info?.recentActions?.at(-1);
    const isLooking = last?.startWorkflowStatus === RUNNING && description.info.runningActions.length === 0;
    if (!isLooking || attempt === LOOKS) return description;
    await sleep(LOOK_MS);
  }
}

function statusOf({ scheduleId, state, info, raw }: ScheduleDescription): ScheduleStatus {
  const { paused, note } = state;
  return {
    line: scheduleId.slice(PREFIX.length),
    paused,
    note: note ?? null,
    next: info.nextActionTimes.map((time) => time.toISOString()),
    recent: info.recentActions.map(({ scheduledAt, action }, at) => ({
      scheduled: scheduledAt.toISOString(),
      workflowId: action.workflow.workflowId,
      state: nameOf(raw.info?.recentActions?.[at].startWorkflowStatus),
    })),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
  };
}

function nameOf(status: number | null | undefined): string {
  const name = WorkflowExecutionStatus[status ?? 0] as string | undefined;
  return (name ?? '').replace('WORKFLOW_EXECUTION_STATUS_', '').toLowerCase().replaceAll('_', ' ');
}

/** Whether the server knows the search attributes of runs; where it doesn't say, they are left out. */
async function knowsAttributes(client: Client): Promise<boolean> {
  try {
    const { namespace } = client.options;
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return Object.values(runAttributes).every(({ name }) => name in customAttributes);
  } catch {
    return false;
  }
}

/** What the server refuses of a schedule is a fault of the file; the client throws its words as a TypeError. */
async function refusing<T>(line: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PerimeterError('InvalidRequest', `Line ${line}: Temporal refuses its schedule: ${error.message}.`, {
      cause: error,
    });
  }
}
