import { freePort } from '../../../cli/dev/free-port.ts';
import type { Kubernetes } from './start-kubernetes.ts';
import { untilUp } from './until-up.ts';

/** The address of an API that asks nobody who he is (`kubectl proxy`): to be looked at often, by `fetch`. */
export async function openApi({ programs, kubeconfig, run }: Kubernetes): Promise<string> {
  const port = await freePort();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const proxy = await run('kubectl-proxy', programs.hyperkube, ['kubectl', 'proxy', '--port', String(port)], env);
  const url = `http://127.0.0.1:${port}`;
  await untilUp(proxy, `${url}/readyz`);
  return url;
}
