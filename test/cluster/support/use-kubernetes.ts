import { afterAll } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { borrowKubernetes } from './borrow-kubernetes.ts';
import { startKeda } from './start-keda.ts';
import { startKubernetes, type Kubernetes } from './start-kubernetes.ts';
import { startKwok } from './start-kwok.ts';

/**
 * A Kubernetes of its own for one test file, which ends with the file; or for this file the cluster of
 * `PERIMETER_TEST_KUBECONFIG`, which is then as it was before.
 *
 * To be called while the file is read (`const kubernetes = await useKubernetes()`): hooks of a hook are not run.
 *
 * @param options.kwok with nodes that exist only in the API (`fake-nodes.ts` makes some)
 * @param options.keda with KEDA; always in a Kubernetes of the tests' own, since another may have a KEDA
 */
export async function useKubernetes(options: { kwok?: boolean; keda?: boolean } = {}): Promise<Kubernetes> {
  const { kwok = false, keda = false } = options;
  const folder = temporaryFolder(afterAll);
  const kubeconfig = keda ? undefined : process.env.PERIMETER_TEST_KUBECONFIG;
  const kubernetes = await (kubeconfig ? borrowKubernetes({ folder, kubeconfig }) : startKubernetes({ folder }));
  afterAll(() => kubernetes.stop());
  if (kwok) await startKwok(kubernetes);
  if (keda) await startKeda(kubernetes);
  return kubernetes;
}
