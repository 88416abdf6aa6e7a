import type { WorkerOptions } from '@temporalio/worker';
import { PerimeterError } from '../certification/perimeter-error.ts';

/** Which runs a worker is given: those that were started on its version, and new ones while it is the current one. */
export interface DeploymentVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** As Kubernetes has labels, so that a version can be one; Temporal parts the two by a colon. */
const DEPLOYMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * The options of a worker of that version, or none. A run stays with its version to its end, and its shards with
 * samplers of that version.
 *
 * @throws PerimeterError `InvalidRequest` for a name that can't be one.
 */
export function deploymentOptions(
  version: DeploymentVersion | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (version === undefined) return {};
  checkDeploymentName(version.deploymentName);
  checkBuildId(version.buildId);
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  };
}

/** @throws PerimeterError `InvalidRequest`. */
export function checkDeploymentName(name: string): void {
  if (DEPLOYMENT_NAME.test(name)) return;
  throw new PerimeterError(
    'InvalidRequest',
    `The deployment's name is "${name}", but must be 1 to 63 letters, digits, "-" and "_", the first a letter or a digit.`,
  );
}

/** @throws PerimeterError `InvalidRequest`. */
export function checkBuildId(buildId: string): void {
  if (BUILD_ID.test(buildId)) return;
  throw new PerimeterError(
    'InvalidRequest',
    `The build id is "${buildId}", but must be 1 to 63 letters, digits, "-", "_" and ".", the first a letter or a digit.`,
  );
}
