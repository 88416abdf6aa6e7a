import { freePort } from '../../../cli/dev/free-port.ts';
import type { Kubernetes } from './start-kubernetes.ts';

/** The annotation that gives a node to kwok, and leaves all others alone. */
export const KWOK_NODE = { 'kwok.x-k8s.io/node': 'fake' };

/** Starts kwok: nodes with its annotation are ready, and their pods Running, though nothing runs in them. */
export async function startKwok({ programs, kubeconfig, run }: Kubernetes): Promise<void> {
  const annotation = Object.entries(KWOK_NODE)[0]?.join('=') ?? '';
  await run('kwok', programs.kwok, [
    ...['--config', programs.kwokStages, '--kubeconfig', kubeconfig],
    ...['--manage-nodes-with-annotation-selector', annotation],
    ...['--server-address', `127.0.0.1:${await freePort()}`],
  ]);
}
