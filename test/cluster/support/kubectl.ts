import { spawn } from 'node:child_process';

export interface KubectlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  /** Its standard output. @throws Error with what it said, where it fails */
  (args: readonly string[], options?: { input?: string }): Promise<string>;
  /** However it ends. */
  attempt(args: readonly string[], options?: { input?: string }): Promise<KubectlResult>;
  /** The object, or list, that `get` answers with. */
  get<T = unknown>(...args: readonly string[]): Promise<T>;
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
  const attempt: Kubectl['attempt'] = (args, { input = '' } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(hyperkube, ['kubectl', ...args], {
        // What it remembers of a server would be taken for that of a later one at the same port.
        env: { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stdout, stderr });
      });
      // It may end without reading all.
      child.stdin.on('error', () => undefined).end(input);
    });
  const kubectl = async (args: readonly string[], options?: { input?: string }) => {
    const { code, stdout, stderr } = await attempt(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  };
  return Object.assign(kubectl, {
    attempt,
    get: async <T>(...args: readonly string[]) => JSON.parse(await kubectl(['get', '-o', 'json', ...args])) as T,
  });
}
