import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { RUNS_UNDER_WAY } from './runs.ts';
import { checkBuildId, checkDeploymentName, type DeploymentVersion } from '../workers/worker-version.ts';

const { RoutingConfigUpdateState, WorkerDeploymentVersionStatus: Status } = proto.temporal.api.enums.v1;

/** gRPC's codes for what isn't there, and for what the state of the deployment forbids. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

/** A change of the current version reaches the task queues in a second or so. */
const ROUTED_TIMEOUT_MS = 60_000;
const ROUTED_POLL_MS = 200;

export interface Deployment {
  readonly deployment: string;
  /** The build id that new runs go to; null where none was set yet. */
  readonly current: string | null;
  /** The newest first. */
  readonly versions: readonly VersionState[];
}

export interface VersionState {
  readonly buildId: string;
  /** `draining`: no new runs, and some under way; Temporal takes minutes to see the last one's end. */
  readonly state: 'current' | 'ramping' | 'draining' | 'drained' | 'inactive';
  /** Runs under way on it, as of this moment. */
  readonly runs: number;
  /** When its first worker came. */
  readonly since: string;
}

const STATES: Partial<Record<temporal.api.enums.v1.WorkerDeploymentVersionStatus, VersionState['state']>> = {
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT]: 'current',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING]: 'ramping',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING]: 'draining',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED]: 'drained',
};

/** The versions of a deployment. @throws PerimeterError `NotFound` where none of its workers ever came. */
export async function fetchDeployment(client: Client, deployment: string): Promise<Deployment> {
  const info = await describe(client, deployment);
  const versions = await Promise.all(
    (info.versionSummaries ?? []).map(async ({ deploymentVersion, status, createTime }) => {
      const buildId = deploymentVersion?.buildId ?? '';
      const since = new Date(1_000 * Number(createTime?.seconds ?? 0)).toISOString();
      return {
        buildId,
        state: STATES[status ?? Status.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE] ?? 'inactive',
        runs: await runsUnderWay(client, { deployment, buildId }),
        since,
      };
    }),
  );
  return {
    deployment,
    current: info.routingConfig?.currentDeploymentVersion?.buildId ?? null,
    versions: versions.sort((a, b) => compare(b.since, a.since) || compare(b.buildId, a.buildId)),
  };
}

/**
 * Makes a version the one that new runs go to; those under way stay where they are. Returns when it is so.
 *
 * @throws PerimeterError `NotFound` where no worker of the deployment or the version ever came, `InvalidRequest` where
 *   Temporal refuses, as where the version has no workers for a queue that the one before it had.
 */
export async function rollOut(client: Client, { deploymentName, buildId }: DeploymentVersion): Promise<void> {
  const { namespace } = client.options;
  checkDeploymentName(deploymentName);
  checkBuildId(buildId);
  try {
    await client.workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId });
  } catch (error) {
    throw refusal(error, { deploymentName, buildId });
  }
  const deadline = Date.now() + ROUTED_TIMEOUT_MS;
  const { ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS: underWay } = RoutingConfigUpdateState;
  while ((await describe(client, deploymentName)).routingConfigUpdateState === underWay) {
    if (Date.now() > deadline) {
      throw new PerimeterError(
        'TemporalUnavailable',
        `Version ${buildId} is the current one of ${deploymentName}, but after ${ROUTED_TIMEOUT_MS / 1_000} s not all task queues know it.`,
      );
    }
    await sleep(ROUTED_POLL_MS);
  }
}

async function describe(
  client: Client,
  deploymentName: string,
): Promise<temporal.api.deployment.v1.IWorkerDeploymentInfo> {
  checkDeploymentName(deploymentName);
  try {
    const { namespace } = client.options;
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    return workerDeploymentInfo ?? {};
  } catch (error) {
    throw refusal(error, { deploymentName });
  }
}

function refusal(error: unknown, { deploymentName, buildId }: Partial<DeploymentVersion>): unknown {
  if (!isGrpcServiceError(error)) return error;
  const code: number = error.code;
  if (code === NOT_FOUND) {
    const what =
      buildId === undefined ? `deployment ${deploymentName}` : `version ${buildId} of deployment ${deploymentName}`;
    return new PerimeterError(
      'NotFound',
      `Temporal knows no ${what}: start its workers first ("perimeter worker --deployment ${deploymentName}").`,
      { cause: error },
    );
  }
  if (code !== FAILED_PRECONDITION) return error;
  return new PerimeterError('InvalidRequest', `Temporal refuses version ${buildId}: ${error.details}.`, {
    cause: error,
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function runsUnderWay(client: Client, { deployment, buildId }: { deployment: string; buildId: string }) {
  const { count } = await client.workflow.count(
    `${RUNS_UNDER_WAY} AND TemporalWorkerDeploymentVersion = "${deployment}:${buildId}"`,
  );
  return count;
}
