import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { AuditActivities, AuditBegun, AuditConclusion } from '../activities/interfaces.ts';
import type { AuditAsked } from '../certification/audits/audit-asked.ts';
import { auditDate } from '../certification/records/audit-keys.ts';
import { certifyDataset } from './certify-dataset.ts';
import { RETRY, unwrapped } from './connect-activities.ts';
import { rootFailure } from './root-failure.ts';
import { scheduledStartTime, runAttributes } from './search-attributes.ts';
import { HEARTBEAT_TIMEOUT_MS, priorities, type AuditModelInput } from './types.ts';

/** Whoever is told has so long to come back; the next night isn't held up. */
const NOTIFY_WITHIN = '2h';
/** Soon at first, and not again and again at a server that is in trouble. */
const NOTIFY_RETRY = { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '10m' } as const;

const HOUR_MS = 3_600_000;

/** What an audit came to. */
export interface AuditResult extends AuditConclusion {
  readonly line: string;
  readonly date: string;
  /** Why those who should have been told could not be. */
  readonly undelivered: readonly string[];
}

/**
 * Audits a line's model: certifies it, unless the same model, data and request were audited already, judges the results by
 * the line's gates and against its baseline, puts that down and tells of it. Fails where a gate fails, or where no results
 * came about, so that a schedule pauses. Its date is the time that it was scheduled for.
 */
export async function auditModel(input: AuditModelInput): Promise<AuditResult> {
  const { line, out, request, newest, gates, baseline, notify, pages, queues } = input;
  const activities = proxyActivities<AuditActivities>({
    taskQueue: queues.control,
    // Reading a model and a dataset through, or the rows of two runs.
    startToCloseTimeout: '2h',
    heartbeatTimeout: input.heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
    retry: RETRY,
  });
  const { notifyOfAudit } = proxyActivities<AuditActivities>({
    taskQueue: queues.control,
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: NOTIFY_WITHIN,
    retry: NOTIFY_RETRY,
  });
  const { typedSearchAttributes, startTime } = workflowInfo();
  const date = auditDate(typedSearchAttributes.get(scheduledStartTime) ?? startTime);
  const asked: AuditAsked = { line, date, request, gates, baseline, ...(newest !== undefined && { newest }) };
  const show = (what: string) => {
    setCurrentDetails(`**${line}**, ${date}: ${what}`);
  };

  let begun: AuditBegun | undefined;
  let run: string | undefined;
  /** Why it comes to nothing. */
  let error: string | undefined;
  show('looking for the model');
  try {
    begun = await unwrapped(activities.beginAudit({ out, notify, ...asked }));
    run = begun.same?.run;
    if (run === undefined) {
      run = `${line}-${date}`;
      show(`certifying in run ${run}`);
      await certify(input, { begun, run });
    }
  } catch (cause) {
    error = reasonOf(cause);
  }

  const cancelled = CancellationScope.current().consideredCancelled;
  if (cancelled) error = 'The audit was cancelled.';
  // What was found, or that nothing was, is put down also where the audit is cancelled.
  return CancellationScope.nonCancellable(async () => {
    show('judging');
    const done = { out, asked, ...(begun && { begun }), ...(run !== undefined && { run }) };
    const conclude = (why: string | undefined) =>
      unwrapped(activities.concludeAudit({ ...done, ...(why !== undefined && { error: why }) }));
    let conclusion: AuditConclusion;
    try {
      conclusion = await conclude(error);
    } catch (cause) {
      conclusion = await conclude(reasonOf(cause));
    }
    const { outcome, reason, skipped } = conclusion;
    let unlisted: string | undefined;
    try {
      await unwrapped(activities.indexAudit({ out, line, date }));
    } catch (cause) {
      unlisted = reasonOf(cause);
    }
    // Of a skipped one everybody was told.
    const told = notify
      .map((each, number) => ({ notify: each, number }))
      .filter((each) => !skipped && !cancelled && each.notify.on.includes(outcome));
    const tell = async (each: (typeof told)[number]) => {
      try {
        await notifyOfAudit({ out, line, date, ...each, ...(pages !== undefined && { pages }) });
        return [];
      } catch (cause) {
        const message = reasonOf(cause);
        log.warn('An audit could not be told of', { line, date, reason: message });
        return [message];
      }
    };
    const undelivered = (await Promise.all(told.map(tell))).flat();
    show(`${outcome}. ${reason}`);
    if (unlisted !== undefined) throw failure(`${reason} It is not in its line's index: ${unlisted}`, 'AuditError');
    if (!skipped && (outcome === 'failed' || outcome === 'error')) {
      throw failure(reason, outcome === 'failed' ? 'GateFailed' : 'AuditError');
    }
    return { line, date, ...conclusion, undelivered };
  });

  function failure(reason: string, type: string) {
    return ApplicationFailure.nonRetryable(`Audit ${date} of ${line}: ${reason}`, type);
  }
}

/** Why an activity or a child failed; anything else is a bug, which is retried until somebody looks. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof TemporalFailure)) throw cause;
  return isCancellation(cause) ? 'Its run was cancelled.' : rootFailure(cause).message;
}

/**
 * Certifies the model in a run of its own, which can be looked at and steered like any other. Where that takes longer than
 * the line allows, it is cancelled: another audit of this date goes on from what it left.
 */
async function certify(input: AuditModelInput, { begun, run }: { begun: AuditBegun; run: string }): Promise<void> {
  const { withinMs } = input;
  const timed = new CancellationScope({ cancellable: true, ...(withinMs !== undefined && { timeout: withinMs }) });
  try {
    await timed.run(() => certifyInChild(input, { begun, run }));
  } catch (cause) {
    if (!timed.consideredCancelled || CancellationScope.current().consideredCancelled) throw cause;
    throw ApplicationFailure.nonRetryable(
      `Run ${run} was not finished within ${(withinMs ?? 0) / HOUR_MS} h: give it longer, or more samplers, and backfill this date to go on.`,
      'AuditError',
    );
  }
}

async function certifyInChild(
  { out, queues, heartbeatTimeoutMs, searchAttributes }: AuditModelInput,
  { begun: { request, requestDigest }, run }: { begun: AuditBegun; run: string },
): Promise<void> {
  await executeChild(certifyDataset, {
    workflowId: `certify/${run}`,
    args: [
      {
        request,
        run,
        queues,
        priority: priorities.nightly,
        ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
        ...(searchAttributes === true && { searchAttributes }),
      },
    ],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    memo: { requestDigest, out },
    ...(searchAttributes === true && {
      typedSearchAttributes: [
        { key: runAttributes.sigma, value: request.sigma },
        { key: runAttributes.state, value: 'planning' },
      ],
    }),
  });
}
