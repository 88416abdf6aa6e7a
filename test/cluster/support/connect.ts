import { join } from 'node:path';
import { freePort } from '../../../cli/dev/free-port.ts';
import { createApi, type Api } from './api.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import type { RunProcess } from './processes.ts';
import { untilUp } from './until-up.ts';

/** Two ways to talk to the cluster of a kubeconfig. */
export async function connect(options: {
  hyperkube: string;
  kubeconfig: string;
  folder: string;
  run: RunProcess;
}): Promise<{ kubectl: Kubectl; api: Api }> {
  const { hyperkube, kubeconfig, folder, run } = options;
  const port = await freePort();
  const proxy = await run('kubectl-proxy', hyperkube, [
    ...['kubectl', 'proxy', '--kubeconfig', kubeconfig, '--address', '127.0.0.1', '--port', String(port)],
  ]);
  const url = `http://127.0.0.1:${port}`;
  await untilUp(proxy, `${url}/readyz`);
  return { kubectl: createKubectl({ hyperkube, kubeconfig, cache: join(folder, 'kubectl') }), api: createApi(url) };
}
