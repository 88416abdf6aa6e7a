import { afterAll } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startKeda } from './start-keda.ts';
import { startKubernetes, type Kubernetes } from './start-kubernetes.ts';
import { startKwok } from './start-kwok.ts';

/**
 * A Kubernetes of its own for one test file, which ends with the file.
 *
 * @param options.kwok with nodes that exist only in the API (`fake-nodes.ts` makes some)
 * @param options.keda with KEDA
 */
export async function useKubernetes(options: { kwok?: boolean; keda?: boolean } = {}): Promise<Kubernetes> {
  const { kwok = false, keda = false } = options;
  const folder = temporaryFolder(afterAll);
  const kubernetes = await startKubernetes({ folder });
  afterAll(() => kubernetes.stop());
  if (kwok) await startKwok(kubernetes);
  if (keda) await startKeda(kubernetes);
  return kubernetes;
}
