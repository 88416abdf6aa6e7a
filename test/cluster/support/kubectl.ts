import { runWithInput, type Ended } from './run-with-input.ts';

export interface Kubectl {
  /** Its standard output. @throws Error with what it said, where it fails */
  (args: readonly string[], options?: { input?: string }): Promise<string>;
  /** However it ends. */
  readonly attempt: (args: readonly string[], options?: { input?: string }) => Promise<Ended>;
  /** The object, or list, that `get` answers with. */
  readonly get: <T>(...args: readonly string[]) => Promise<T>;
}

/** `kubectl` by the binary that has it, against the cluster of a kubeconfig; `cache` is a folder of this cluster's own. */
export function createKubectl({
  hyperkube,
  kubeconfig,
  cache,
}: {
  hyperkube: string;
  kubeconfig: string;
  cache: string;
}): Kubectl {
  // What it remembers of a server would be taken for that of a later one at the same port.
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache };
  const attempt: Kubectl['attempt'] = (args, { input } = {}) =>
    runWithInput(hyperkube, ['kubectl', ...args], { env, ...(input !== undefined && { input }) });
  const kubectl = async (args: readonly string[], options?: { input?: string }) => {
    const { code, stdout, stderr } = await attempt(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  };
  return Object.assign(kubectl, {
    attempt,
    // What it answers with is for the caller to know.
    get: async (...args: readonly string[]) => JSON.parse(await kubectl(['get', '-o', 'json', ...args])) as never,
  });
}
