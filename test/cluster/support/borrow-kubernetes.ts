import { PerimeterError } from '../../../certification/perimeter-error.ts';
import { connect } from './connect.ts';
import { findKubernetes } from './find-kubernetes.ts';
import type { Kubectl } from './kubectl.ts';
import { MADE_BY_TESTS_SELECTOR } from './made-by-tests.ts';
import { createProcesses } from './processes.ts';
import type { Kubernetes } from './start-kubernetes.ts';

const NAMESPACE = 'perimeter';
/** What an installation and the tests put outside of namespaces. */
const OUTSIDE = [
  'validatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'priorityclasses',
  'customresourcedefinitions',
  'deviceclasses',
  'resourceslices',
  'nodes',
  'namespaces',
].join(',');

/**
 * Uses a cluster that is there already. What the tests put into it is removed when they stop, and they don't start where
 * an installation is: test files use it one after the other.
 *
 * @throws PerimeterError `InvalidRequest` where Perimeter is installed there
 */
export async function borrowKubernetes(options: { folder: string; kubeconfig: string }): Promise<Kubernetes> {
  const { folder, kubeconfig } = options;
  const programs = await findKubernetes();
  const { run, stop } = createProcesses(folder);
  try {
    const { kubectl, api } = await connect({ hyperkube: programs.hyperkube, kubeconfig, folder, run });
    if ((await kubectl(['get', 'namespace', NAMESPACE, '--ignore-not-found', '-o', 'name'])) !== '') {
      throw new PerimeterError(
        'InvalidRequest',
        `The cluster of PERIMETER_TEST_KUBECONFIG has a namespace ${NAMESPACE}, which the tests would delete: let them use ` +
          'another cluster, or delete that namespace first.',
      );
    }
    const remove = async () => {
      await removeInstallation(kubectl);
      await stop();
    };
    return { programs, folder, kubeconfig, borrowed: true, kubectl, api, run, stop: remove };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function removeInstallation(kubectl: Kubectl): Promise<void> {
  for (const selector of [MADE_BY_TESTS_SELECTOR, `app.kubernetes.io/part-of=${NAMESPACE}`]) {
    await kubectl(['delete', OUTSIDE, '-l', selector, '--wait=true', '--timeout=100s']);
  }
}
